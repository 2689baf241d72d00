package io.keelson.agent.environment;

import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What {@code resolv.conf} says.
 *
 * @param servers addresses of name servers, in the order in which they are asked
 * @param searches domains that a short name is looked up in, one after the other
 * @param options {@code name} or {@code name:value} each
 */
record ResolverConfig(List<String> servers, List<String> searches, List<String> options) {
    static final ResolverConfig NONE = new ResolverConfig(List.of(), List.of(), List.of());
    private static final int SIZE_BYTES_MAX = 10 << 20;

    ResolverConfig {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    /** A file's. */
    static ResolverConfig read(Path file) throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(SIZE_BYTES_MAX + 1);
        }
        if (content.length > SIZE_BYTES_MAX) {
            throw new IOException(file + " is larger than " + SIZE_BYTES_MAX + " bytes");
        }
        return parse(new String(content, StandardCharsets.UTF_8));
    }

    /**
     * A file's text. Of several lines of search paths or options the last one counts; an ending dot of a search path
     * means nothing, unless it is all of it.
     *
     * @throws IOException if a line names no server
     */
    static ResolverConfig parse(String text) throws IOException {
        List<String> servers = new ArrayList<>();
        List<String> searches = List.of();
        List<String> options = List.of();
        for (String line : (Iterable<String>) text.lines()::iterator) {
            String trimmed = line.strip();
            if (trimmed.isEmpty() || trimmed.startsWith("#") || trimmed.startsWith(";")) {
                continue;
            }
            List<String> fields = List.of(trimmed.split("\\s+"));
            switch (fields.getFirst()) {
                case "nameserver" -> {
                    if (fields.size() < 2) {
                        throw new IOException("nameserver list is empty");
                    }
                    servers.add(fields.get(1));
                }
                case "search" ->
                    searches = fields.stream().skip(1).map(ResolverConfig::bare).toList();
                case "options" -> options = fields.subList(1, fields.size());
                default -> {
                    // What else there may be is nothing that a pod inherits.
                }
            }
        }
        return new ResolverConfig(servers, searches, options);
    }

    private static String bare(String search) {
        return search.length() > 1 && search.endsWith(".") ? search.substring(0, search.length() - 1) : search;
    }

    /** With servers and search paths behind these, each once, and options, which replace those of the same name. */
    ResolverConfig with(List<String> moreServers, List<String> moreSearches, List<String> moreOptions) {
        Map<String, String> merged = new LinkedHashMap<>();
        for (String option : joined(options, moreOptions)) {
            int colon = option.indexOf(':');
            merged.put(colon < 0 ? option : option.substring(0, colon), colon < 0 ? "" : option.substring(colon + 1));
        }
        return new ResolverConfig(
                distinct(joined(servers, moreServers)),
                distinct(joined(searches, moreSearches)),
                merged.entrySet().stream()
                        .map(option -> option.getValue().isEmpty()
                                ? option.getKey()
                                : option.getKey() + ':' + option.getValue())
                        .toList());
    }

    /** Each once, where it stands first. */
    static List<String> distinct(List<String> all) {
        return List.copyOf(new LinkedHashSet<>(all));
    }

    /** One after the other. */
    static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(OrEmpty.of(second));
        return all;
    }
}
