"""Labels: the text in a QR, the stocks it is printed on, and the drawing: text in, bytes out."""
