package io.keelson.controllers.manager;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A proxy in front of a component, who says in headers for whom it asks, and is believed by its certificate. */
public final class FrontProxy {
    private final ClientAuthority authority;
    private final Set<String> names;
    private final Headers headers;

    /**
     * In which headers it says what; names of headers are the same in small letters and capitals.
     *
     * @param extraPrefixes with what the names of those begin that hold other things
     */
    public record Headers(List<String> user, List<String> uid, List<String> group, List<String> extraPrefixes) {}

    /**
     * A proxy.
     *
     * @param file by which authorities it is known
     * @param names common names of its certificate; empty for any
     * @throws IOException if the file cannot be read, or has no certificate in it
     */
    FrontProxy(Path file, List<String> names, Headers headers) throws IOException {
        authority = new ClientAuthority(file);
        this.names = Set.copyOf(names);
        this.headers = headers;
    }

    /**
     * For whom it asks.
     *
     * @param chain of who is connected
     * @param given the headers of the request
     * @return null if it is not the proxy who asks, or he says nothing
     */
    @Nullable
    Caller caller(List<X509Certificate> chain, Map<String, List<String>> given) {
        String user = first(headers.user(), given);
        if (user == null || user.isEmpty() || !authority.vouchesFor(chain)) {
            return null;
        }
        if (!names.isEmpty()
                && !names.contains(SubjectNames.of(chain.getFirst()).commonName())) {
            return null;
        }
        List<String> groups = new ArrayList<>();
        headers.group().forEach(name -> groups.addAll(values(name, given)));
        return new Caller(user, first(headers.uid(), given), groups, extra(given)).authenticated();
    }

    private Map<String, List<String>> extra(Map<String, List<String>> given) {
        Map<String, List<String>> extra = new HashMap<>();
        given.forEach((name, values) -> {
            String small = name.toLowerCase(Locale.ROOT);
            for (String prefix : headers.extraPrefixes()) {
                if (small.startsWith(prefix.toLowerCase(Locale.ROOT))) {
                    extra.put(decoded(small.substring(prefix.length())), List.copyOf(values));
                }
            }
        });
        return extra;
    }

    private static String decoded(String name) {
        try {
            // A plus is a plus there.
            return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // It is none that was encoded.
            return name;
        }
    }

    private static @Nullable String first(List<String> names, Map<String, List<String>> given) {
        for (String name : names) {
            for (String value : values(name, given)) {
                if (!value.isEmpty()) {
                    return value;
                }
            }
        }
        return null;
    }

    private static List<String> values(String name, Map<String, List<String>> given) {
        List<String> values = new ArrayList<>();
        given.forEach((key, some) -> {
            if (key.equalsIgnoreCase(name)) {
                values.addAll(some);
            }
        });
        return values;
    }
}
