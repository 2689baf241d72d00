package io.keelson.proxy.health;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Answers at {@code /healthz} whether balancers should use this node, and at {@code /livez} whether the proxy works: 200 or 503, and
 * in JSON since when.
 */
public final class HealthPort implements AutoCloseable {
    private final ProxyHealth health;
    private final Answered answered;
    private final PlainPort port;

    /** Is told of answers. */
    @FunctionalInterface
    public interface Answered {
        /**
         * An answer was given.
         *
         * @param isHealthz whether at {@code /healthz}, rather than at {@code /livez}
         */
        void answered(boolean isHealthz, int code);
    }

    /**
     * Listens.
     *
     * @throws IOException if it cannot, there
     */
    public HealthPort(InetSocketAddress address, ProxyHealth health, Answered answered) throws IOException {
        this.health = health;
        this.answered = answered;
        port = new PlainPort(address, this::answer);
    }

    /** The port it listens on. */
    public int port() {
        return port.port();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = PlainPort.path(exchange);
        boolean isHealthz = path.equals("/healthz");
        if (!isHealthz && !path.equals("/livez")) {
            PlainPort.send(
                    exchange,
                    404,
                    "text/plain; charset=utf-8",
                    "404 page not found\n".getBytes(StandardCharsets.UTF_8));
            return;
        }
        ProxyHealth.State state = health.state();
        boolean isWell = state.isWell() && (state.isEligible() || !isHealthz);
        int code = isWell ? 200 : 503;
        String text = "{\"lastUpdated\": \"" + state.lastUpdated() + "\",\"currentTime\": \"" + state.now() + '"'
                + (isHealthz ? ", \"nodeEligible\": " + state.isEligible() : "") + '}';
        answered.answered(isHealthz, code);
        PlainPort.send(exchange, code, "application/json", text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        port.close();
    }
}
