package io.keelson.benchmarks.api;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An API server under load.
 *
 * @param name how it is called in the table
 * @param kubeconfig whose current context leads to it, with the rights of an administrator
 * @param pids of its processes on this machine (of the server and of its store), to account CPU and memory; empty if they
 *     run elsewhere
 */
record ApiTarget(String name, Path kubeconfig, List<Long> pids) {
    /**
     * Reads {@code name=kubeconfig[;pids=1,2]}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    static ApiTarget parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new IllegalArgumentException("a target is NAME=KUBECONFIG[;pids=N,N…], not '" + text + "'");
        }
        String[] parts = text.substring(equals + 1).split(";pids=", 2);
        List<Long> pids = new ArrayList<>();
        if (parts.length == 2) {
            for (String pid : parts[1].split(",", -1)) {
                try {
                    pids.add(Long.parseLong(pid.trim()));
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException("not a process id: '" + pid + "'", e);
                }
            }
        }
        return new ApiTarget(text.substring(0, equals), Path.of(parts[0]), List.copyOf(pids));
    }
}
