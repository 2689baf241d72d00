package io.keelson.proxy.health;

import com.sun.net.httpserver.HttpExchange;
import io.keelson.controllers.runtime.Key;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers load balancers that ask whether a Service has endpoints on this node, at the port of each Service that only those are
 * used of. A port that is taken is tried again when the Service is told of next. Belongs to one thread, but for the answers.
 */
public final class HealthCheckPorts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthCheckPorts.class);

    private final InetAddress address;
    private final ProxyHealth health;
    private final Map<Key, Check> checks = new HashMap<>();

    /** @param address where to listen: that of zeros for everywhere */
    public HealthCheckPorts(InetAddress address, ProxyHealth health) {
        this.address = address;
        this.health = health;
    }

    private final class Check implements AutoCloseable {
        private final Key service;
        private final int number;
        private final PlainPort port;
        private volatile int endpoints;

        Check(Key service, int number, int endpoints) throws IOException {
            this.service = service;
            this.number = number;
            this.endpoints = endpoints;
            port = new PlainPort(new InetSocketAddress(address, number), this::answer);
        }

        private void answer(HttpExchange exchange) throws IOException {
            int count = endpoints;
            boolean isWell = health.state().isWell();
            String text = "{\n\t\"service\": {\n\t\t\"namespace\": \"" + service.namespace() + "\",\n\t\t\"name\": \""
                    + service.name() + "\"\n\t},\n\t\"localEndpoints\": " + count + ",\n\t\"serviceProxyHealthy\": "
                    + isWell + "\n}";
            exchange.getResponseHeaders().set("X-Load-Balancing-Endpoint-Weight", Integer.toString(count));
            PlainPort.send(
                    exchange,
                    count > 0 && isWell ? 200 : 503,
                    "application/json",
                    text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void close() {
            port.close();
        }
    }

    /**
     * What balancers are to be told of a Service.
     *
     * @param port where they ask; null if they do not
     * @param endpoints how many are ready on this node
     */
    public void put(Key service, @Nullable Integer port, int endpoints) {
        Check check = checks.get(service);
        if (check != null && (port == null || check.number != port)) {
            checks.remove(service);
            check.close();
            check = null;
        }
        if (port == null) {
            return;
        }
        if (check != null) {
            check.endpoints = endpoints;
            return;
        }
        try {
            checks.put(service, new Check(service, port, endpoints));
        } catch (IOException e) {
            LOG.warn("balancers cannot ask for the endpoints of {}: {}", service, e.getMessage());
        }
    }

    @Override
    public void close() {
        checks.values().forEach(Check::close);
        checks.clear();
    }
}
