"""What the client costs the script that it sits in, beside MLflow's client."""
