package io.keelson.apiserver.proxy;

import io.keelson.apiserver.request.Query;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which streams a client wants of a process.
 *
 * @param command what is to be run; empty to attach to what runs
 */
record StreamOptions(boolean stdin, boolean stdout, boolean stderr, boolean tty, List<String> command) {
    StreamOptions {
        command = List.copyOf(command);
    }

    static StreamOptions parse(Query query) {
        return new StreamOptions(
                query.flag("stdin"),
                query.flag("stdout"),
                query.flag("stderr"),
                query.flag("tty"),
                query.all("command"));
    }

    /** As the agents of nodes read it, with a question mark in front. */
    String query() {
        List<String> asked = new ArrayList<>();
        for (String word : command) {
            asked.add("command=" + URLEncoder.encode(word, StandardCharsets.UTF_8));
        }
        flag(asked, "error", stderr);
        flag(asked, "input", stdin);
        flag(asked, "output", stdout);
        flag(asked, "tty", tty);
        return asked.isEmpty() ? "" : "?" + String.join("&", asked);
    }

    private static void flag(List<String> asked, String name, boolean set) {
        if (set) {
            asked.add(name + "=1");
        }
    }
}
