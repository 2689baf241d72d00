package io.keelson.controllers.testing;

import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What controllers of a test count, as a server of metrics would read it. */
public final class Figures {
    private final ControllerMetrics metrics = new ControllerMetrics();

    /** Where controllers count. */
    public ControllerMetrics metrics() {
        return metrics;
    }

    /** A figure by its name and labels as they are written; 0 if it is not there. */
    public double of(String series) {
        return text().lines()
                .filter(line -> line.startsWith(series + ' '))
                .map(line -> line.substring(series.length() + 1))
                .mapToDouble(value -> value.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(value))
                .sum();
    }

    /** Waits until a figure is this, or more. */
    public void await(double least, String series) throws InterruptedException {
        try {
            TestCluster.await(series, () -> of(series) >= least);
        } catch (AssertionError e) {
            throw new AssertionError(series + " is " + of(series) + " of\n" + text(), e);
        }
    }

    private String text() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(text, metrics.registry().scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
