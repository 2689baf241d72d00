package io.keelson.proxy.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.keelson.controllers.manager.PortLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port that answers HTTP, without TLS. */
public final class PlainPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PlainPort.class);
    private static final int CONNECTIONS_WAITING = 64;

    private final HttpServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

    /** Answers to a request. */
    @FunctionalInterface
    public interface Answers {
        /** Answers to one; on a virtual thread. */
        void to(HttpExchange exchange) throws IOException;
    }

    /**
     * Listens.
     *
     * @throws IOException if the address is taken or is none of this machine's; its text names it
     */
    public PlainPort(InetSocketAddress address, Answers answers) throws IOException {
        PortLimits.set();
        try {
            server = HttpServer.create(address, CONNECTIONS_WAITING);
        } catch (IOException e) {
            throw new IOException("cannot listen at " + address + ": " + e.getMessage(), e);
        }
        server.setExecutor(workers);
        server.createContext("/", exchange -> {
            try (exchange) {
                answers.to(exchange);
            } catch (RuntimeException e) {
                LOG.warn("{}: {}", exchange.getRequestURI(), e.getMessage(), e);
            }
        });
        server.start();
    }

    /** Where it listens. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** The path of a request; empty for what has none. */
    public static String path(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return path == null ? "" : path;
    }

    /** Sends an answer, without its body to who asks for the head. */
    public static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
