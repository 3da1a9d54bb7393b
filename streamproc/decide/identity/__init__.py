"""Who somebody is, and how what came under one id reaches whom it concerns."""
