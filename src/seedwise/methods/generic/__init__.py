"""Methods that need losses or gradients alone, and so serve every domain that has them."""
