package io.keelson.agent.server;

import com.sun.net.httpserver.HttpExchange;
import io.keelson.proxy.health.PlainPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The port without TLS, on 127.0.0.1:10248 by default, where anybody of this machine may ask for the agent's health. */
public final class HealthPort implements AutoCloseable {
    private static final String PATH = "/healthz";

    private final HealthAnswer health;
    private final PlainPort port;

    /**
     * Listens.
     *
     * @param address port 0 takes one that is free
     * @param checks what has to be so for the agent to be healthy, by name
     * @throws IOException if the address is taken or is none of this machine's; its text names it
     */
    public HealthPort(InetSocketAddress address, Map<String, BooleanSupplier> checks) throws IOException {
        health = new HealthAnswer(checks);
        port = new PlainPort(address, this::answer);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = PlainPort.path(exchange);
        String query = exchange.getRequestURI().getQuery();
        boolean isHealth = path.equals(PATH) || path.startsWith(PATH + '/');
        List<String> below = Arrays.stream(path.split("/", -1))
                .skip(2)
                .filter(part -> !part.isEmpty())
                .toList();
        Answer answer = isHealth ? health.answer(below, query != null && query.contains("verbose")) : Routes.notFound();
        if (answer instanceof Answer.Plain plain) {
            PlainPort.send(exchange, plain.status(), plain.type(), plain.body());
        }
    }

    /** The port it listens on. */
    public int port() {
        return port.port();
    }

    @Override
    public void close() {
        port.close();
    }
}
