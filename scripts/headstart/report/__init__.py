"""What people look at: figures, thumbnails, and the page that holds them."""
