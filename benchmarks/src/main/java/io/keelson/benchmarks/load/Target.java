package io.keelson.benchmarks.load;

import java.util.ArrayList;
import java.util.List;

/**
 * A cluster under load.
 *
 * @param name how it is called in the table
 * @param endpoints client endpoints, {@code host:port}
 * @param pids process ids of its members on this machine, to account CPU and memory; empty if they run elsewhere
 */
public record Target(String name, List<String> endpoints, List<Long> pids) {
    /**
     * Reads {@code name=host:port,host:port[;pids=1,2,3]}; endpoints may carry {@code http://}.
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
        List<String> endpoints = new ArrayList<>();
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
                    endpoints.add(address);
                }
            }
        }
        return new Target(name, List.copyOf(endpoints), List.copyOf(pids));
    }
}
