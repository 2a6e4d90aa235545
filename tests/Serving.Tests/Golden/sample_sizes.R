# Writes sample-sizes.csv: per-arm sizes by R's own power.prop.test and power.t.test.
# Run: Rscript tests/Serving.Tests/Golden/sample_sizes.R > tests/Serving.Tests/Golden/sample-sizes.csv
cat("kind,baseline_or_sd,effect,power,alpha,n\n")
for (power in c(0.8, 0.95)) for (alpha in c(0.05, 0.01)) {
  for (case in list(c(0.12, 0.01), c(0.12, -0.01), c(0.5, 0.05), c(0.001, 0.0005), c(0.9, 0.02), c(0.03, 0.3))) {
    n <- power.prop.test(p1 = case[1], p2 = case[1] + case[2], power = power, sig.level = alpha, tol = 1e-10)$n
    cat(sprintf("share,%g,%g,%g,%g,%.6f\n", case[1], case[2], power, alpha, n))
  }
  for (case in list(c(1, 0.1), c(2.5, 0.2), c(30, 25), c(0.5, 0.02))) {
    n <- power.t.test(sd = case[1], delta = case[2], power = power, sig.level = alpha, tol = 1e-10)$n
    cat(sprintf("mean,%g,%g,%g,%g,%.6f\n", case[1], case[2], power, alpha, n))
  }
}
