package io.keelson.apiserver.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The members of a store, as a target of gRPC that {@link EndpointsResolver} takes apart again.
 *
 * @param members {@code host:port} each, IPv6 addresses in brackets; or one, the absolute path of a unix socket
 * @param secured whether they are reached over TLS
 */
record Endpoints(List<String> members, boolean secured) {
    static final String SCHEME = "etcd-endpoints";
    /** Of targets whose hosts are looked up by a proxy. */
    static final String SCHEME_BEHIND_PROXY = "etcd-endpoints-behind-proxy";

    private static final String UNIX = "unix://";
    private static final int PORT_OF_HTTP = 80;
    private static final int PORT_OF_HTTPS = 443;
    private static final int MEMBERS_MAX = 64;

    Endpoints {
        members = List.copyOf(members);
    }

    /** @throws IllegalArgumentException if a server is not a URL that can be used, or they do not go together */
    static Endpoints parse(List<String> servers) {
        if (servers.size() > MEMBERS_MAX) {
            throw new IllegalArgumentException("--etcd-servers names more than " + MEMBERS_MAX + " servers");
        }
        if (servers.stream().anyMatch(server -> server.startsWith(UNIX))) {
            return atSocket(servers);
        }
        List<String> members = new ArrayList<>();
        Boolean secured = null;
        for (String server : servers) {
            URI uri = uri(server);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            boolean https = scheme.equals("https");
            if (!https && !scheme.equals("http")) {
                throw unusable(server, "only http, https and unix can be used");
            }
            if (uri.getHost() == null || uri.getUserInfo() != null || uri.getQuery() != null) {
                throw unusable(server, "it is to be scheme://host:port");
            }
            if (secured != null && secured != https) {
                throw new IllegalArgumentException("--etcd-servers mixes http and https");
            }
            secured = https;
            int port = uri.getPort() >= 0 ? uri.getPort() : https ? PORT_OF_HTTPS : PORT_OF_HTTP;
            members.add(uri.getHost() + ":" + port);
        }
        return new Endpoints(members, secured != null && secured);
    }

    private static Endpoints atSocket(List<String> servers) {
        if (servers.size() > 1) {
            throw new IllegalArgumentException("--etcd-servers: a unix socket cannot be one of several servers");
        }
        String path = servers.getFirst().substring(UNIX.length());
        if (path.isEmpty() || path.indexOf('\0') >= 0) {
            throw unusable(servers.getFirst(), "it is to be unix://path");
        }
        return new Endpoints(List.of(Path.of(path).toAbsolutePath().toString()), false);
    }

    /** The unix socket at which the store is; null if it is reached over TCP. */
    @Nullable
    Path socket() {
        return !members.isEmpty() && members.getFirst().startsWith("/") ? Path.of(members.getFirst()) : null;
    }

    private static URI uri(String server) {
        try {
            return new URI(server.contains("://") ? server : "http://" + server);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("--etcd-servers: \"" + server + "\" is not a URL", e);
        }
    }

    private static IllegalArgumentException unusable(String server, String why) {
        return new IllegalArgumentException("--etcd-servers: \"" + server + "\" cannot be used: " + why);
    }

    /** For {@link io.grpc.ManagedChannelBuilder#forTarget}; registers the resolver that understands it. */
    String target() {
        return target(SCHEME);
    }

    /** The same for a channel that leads through a proxy, to which names of hosts are left. */
    String targetBehindProxy() {
        return target(SCHEME_BEHIND_PROXY);
    }

    private String target(String scheme) {
        EndpointsResolver.register();
        try {
            return new URI(scheme, "", "/" + String.join(",", members), null).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("--etcd-servers cannot be used", e);
        }
    }

    /** The members of a target. */
    static List<String> membersOf(URI target) {
        return List.of(target.getPath().substring(1).split(","));
    }
}
