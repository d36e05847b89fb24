"""What NumPy does with .npy and .npz files, and whether `npz` does the same."""
