package io.keelson.benchmarks.load;

import java.util.ArrayList;
import java.util.List;

/**
 * A cluster under load.
 *
 * @param name how it is called in the table
 * @param endpoints where clients are answered
 * @param pids process ids of its members on this machine, to account CPU and memory; empty if they run elsewhere
 */
public record Target(String name, List<Endpoint> endpoints, List<Long> pids) {
    /**
     * Where a member answers clients.
     *
     * @param address {@code host:port}
     * @param isSecure whether it says {@code https}
     */
    public record Endpoint(String address, boolean isSecure) {}

    /**
     * Reads {@code name=host:port,host:port[;pids=1,2,3]}; endpoints may carry {@code http://} or {@code https://}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static Target parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new IllegalArgumentException(
                    "a target is NAME=HOST:PORT[,HOST:PORT…][;pids=N,N…], not '" + text + "'");
        }
        String name = text.substring(0, equals);
        List<Endpoint> endpoints = new ArrayList<>();
        List<Long> pids = new ArrayList<>();
        for (String part : text.substring(equals + 1).split(";", -1)) {
            if (part.startsWith("pids=")) {
                for (String pid : part.substring("pids=".length()).split(",", -1)) {
                    try {
                        pids.add(Long.parseLong(pid.trim()));
                    } catch (NumberFormatException e) {
                        throw new IllegalArgumentException("not a process id: '" + pid + "'", e);
                    }
                }
            } else {
                for (String endpoint : part.split(",", -1)) {
                    String address = endpoint.trim().replaceFirst("^https?://", "");
                    if (!address.matches(".+:\\d+")) {
                        throw new IllegalArgumentException("not an endpoint HOST:PORT: '" + endpoint + "'");
                    }
                    endpoints.add(new Endpoint(address, endpoint.trim().startsWith("https://")));
                }
            }
        }
        return new Target(name, List.copyOf(endpoints), List.copyOf(pids));
    }
}
