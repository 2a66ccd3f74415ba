"""How fast Perilune is, where its time goes, and how it compares with a peer, in one run."""
