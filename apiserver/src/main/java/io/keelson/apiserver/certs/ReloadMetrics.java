package io.keelson.apiserver.certs;

import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;

/**
 * How often a file of configuration was read again because somebody had replaced it, and when that was last, by whether
 * what it says now is in force. Any thread.
 */
public final class ReloadMetrics implements WatchedFile.Reread {
    private final Metrics.Counters total;
    private final Metrics.Gauges last;
    private final String server;
    private final InstantSource clock;

    /**
     * @param what is configured: {@code authentication}
     * @param server who this server is among several
     */
    public ReloadMetrics(Metrics metrics, String what, String server, InstantSource clock) {
        String prefix = "apiserver_" + what + "_config_controller_automatic_reload";
        this.total = metrics.counters(
                prefix + "s_total", "How often the configuration was read again, by server and result.");
        this.last = metrics.gauges(
                prefix + "_last_timestamp_seconds",
                "When the configuration was last read again, by server and result.");
        this.server = Metrics.label("apiserver_id_hash", hash(server));
        this.clock = clock;
    }

    @Override
    public void read(boolean understood) {
        String labels = server + "," + Metrics.label("status", understood ? "success" : "failure");
        total.at(labels).increment();
        last.at(labels).set(clock.instant().getEpochSecond());
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
