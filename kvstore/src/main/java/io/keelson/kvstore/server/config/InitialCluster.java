package io.keelson.kvstore.server.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether what the flags say of the first members of a cluster goes together, by etcd's rules. */
final class InitialCluster {
    private InitialCluster() {}

    /**
     * Judges the flags of a member that has no data yet.
     *
     * @throws ConfigException if it cannot begin or join a cluster with them
     */
    static void check(ServerConfig config) {
        Map<String, List<String>> members = config.cluster().initialPeerUrlsByName();
        List<String> own = members.get(config.name());
        if (own == null) {
            throw ConfigException.invalid(
                    "couldn't find local name \"" + config.name() + "\" in the initial cluster configuration");
        }
        // Who joins has told the cluster its URLs before.
        if (!config.cluster().joining()) {
            checkAdvertised(config.name(), own, config.advertisePeerUrls());
        }
        Set<String> seen = new HashSet<>();
        members.values().stream().flatMap(Collection::stream).forEach(url -> {
            if (!seen.add(url)) {
                throw ConfigException.invalid("--initial-cluster has duplicate URLs: " + url);
            }
        });
    }

    private static void checkAdvertised(String name, List<String> own, List<String> advertised) {
        if (sameEndpoints(own, advertised)) {
            return;
        }
        String all = String.join(",", advertised);
        List<String> missing =
                own.stream().filter(url -> !advertised.contains(url)).toList();
        throw ConfigException.invalid(
                missing.isEmpty()
                        ? "--initial-cluster must include " + pairs(name, advertised)
                                + " given --initial-advertise-peer-urls=" + all
                        : "--initial-cluster has " + pairs(name, missing)
                                + " but missing from --initial-advertise-peer-urls=" + all);
    }

    private static String pairs(String name, List<String> urls) {
        return urls.stream().map(url -> name + "=" + url).collect(Collectors.joining(","));
    }

    /** Two lists mean the same if their URLs are equal, or lead to the same addresses. */
    static boolean sameEndpoints(Collection<String> one, Collection<String> other) {
        return new TreeSet<>(one).equals(new TreeSet<>(other)) || resolved(one).equals(resolved(other));
    }

    private static Set<String> resolved(Collection<String> urls) {
        Set<String> addresses = new TreeSet<>();
        for (String text : urls) {
            ListenUrl url = ListenUrl.parse(text);
            String host = url.host();
            try {
                host = InetAddress.getByName(host).getHostAddress();
            } catch (UnknownHostException e) {
                // An unknown name is compared as it is written.
                host = host.toLowerCase(Locale.ROOT);
            }
            addresses.add((url.secure() ? "https " : "http ") + host + " " + url.port());
        }
        return addresses;
    }
}
