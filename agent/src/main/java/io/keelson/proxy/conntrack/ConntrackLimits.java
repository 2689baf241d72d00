package io.keelson.proxy.conntrack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections the kernel tracks and for how long. A duration of zero, and zero for a number, leave what is.
 *
 * @param maxPerCore for each processor; 0 leaves the limit as it is
 * @param min at least so many in all, with {@code maxPerCore}
 * @param tcpBeLiberal whether TCP packets out of their window are tracked, too
 */
public record ConntrackLimits(
        int maxPerCore,
        int min,
        Duration tcpEstablished,
        Duration tcpCloseWait,
        boolean tcpBeLiberal,
        Duration udp,
        Duration udpStream) {
    private static final Logger LOG = LoggerFactory.getLogger(ConntrackLimits.class);
    private static final String MAX = "net/netfilter/nf_conntrack_max";

    /** What is to be written where, below {@code /proc/sys}. */
    Map<String, Long> values(int processors) {
        Map<String, Long> values = new LinkedHashMap<>();
        if (maxPerCore > 0) {
            values.put(MAX, Math.max(min, (long) maxPerCore * processors));
        }
        seconds(values, "net/netfilter/nf_conntrack_tcp_timeout_established", tcpEstablished);
        seconds(values, "net/netfilter/nf_conntrack_tcp_timeout_close_wait", tcpCloseWait);
        if (tcpBeLiberal) {
            values.put("net/netfilter/nf_conntrack_tcp_be_liberal", 1L);
        }
        seconds(values, "net/netfilter/nf_conntrack_udp_timeout", udp);
        seconds(values, "net/netfilter/nf_conntrack_udp_timeout_stream", udpStream);
        return values;
    }

    private static void seconds(Map<String, Long> values, String name, Duration duration) {
        if (!duration.isZero()) {
            values.put(name, Math.max(1, duration.toSeconds()));
        }
    }

    /**
     * Sets them. What cannot be written is told and left: a container may not have the right to, and all works without. A greater
     * number of connections than is asked for is left, too, as it was set by somebody who meant it.
     *
     * @param sys {@code /proc/sys}
     */
    public void set(Path sys, int processors) {
        values(processors).forEach((name, value) -> {
            Path file = sys.resolve(name);
            try {
                long now = Long.parseLong(Files.readString(file).strip());
                if (now != value && !(name.equals(MAX) && now > value)) {
                    Files.writeString(file, Long.toString(value));
                    LOG.info("{} is {}, and was {}", name.replace('/', '.'), value, now);
                }
            } catch (IOException | NumberFormatException e) {
                LOG.warn("{} cannot be set to {}: {}", file, value, e.getMessage());
            }
        });
    }
}
