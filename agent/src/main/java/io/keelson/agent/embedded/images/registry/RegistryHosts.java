package io.keelson.agent.embedded.images.registry;

import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.image.ImageName;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * How registries are reached: by TLS under their own names unless something else is said of them. A registry may have
 * mirrors, which are asked first and in their order, and a host authorities, a certificate for us and credentials of its
 * own. {@link RegistriesFile} reads it all from a file.
 */
public final class RegistryHosts {
    /** Each under its own name. */
    public static final RegistryHosts USUAL = new RegistryHosts(Map.of(), Map.of(), Set.of());

    /** What is said of hosts that nothing is said of by name. */
    static final String OTHERS = "*";

    private static final String DOCKER = "registry-1.docker.io";

    private final Map<String, Mirrors> mirrors;
    private final Map<String, Host> hosts;
    private final Set<String> plain;

    /**
     * Where a registry's images are as well.
     *
     * @param endpoints addresses, each of which ends with {@code /v2/}
     * @param rewrites how paths are named there; the first that is found in a path counts
     */
    record Mirrors(List<URI> endpoints, List<Rewrite> rewrites) {
        static final Mirrors NONE = new Mirrors(List.of(), List.of());
    }

    /** A part of a path, and what stands there instead, with {@code $1} for what was found in the first brackets. */
    record Rewrite(Pattern found, String instead) {}

    /** What a host is spoken to with. */
    record Host(Optional<SSLContext> tls, Credentials credentials) {
        static final Host USUAL = new Host(Optional.empty(), Credentials.NONE);
    }

    /**
     * With what was said.
     *
     * @param mirrors by registry
     * @param hosts by host, with the port if it has one
     * @param plain hosts that are asked without TLS
     */
    RegistryHosts(Map<String, Mirrors> mirrors, Map<String, Host> hosts, Set<String> plain) {
        this.mirrors = Map.copyOf(mirrors);
        this.hosts = Map.copyOf(hosts);
        this.plain = Set.copyOf(plain);
    }

    /**
     * The same with further hosts that are asked without TLS; those of this machine are always.
     *
     * @param further with ports where they have one
     */
    public RegistryHosts withPlain(Set<String> further) {
        Set<String> all = new HashSet<>(plain);
        all.addAll(further);
        return new RegistryHosts(mirrors, hosts, all);
    }

    /**
     * The ways to an image, the best first. The last leads to its registry itself, unless one of the mirrors' addresses is
     * the registry's: then the file has said how it is reached.
     *
     * @param credentials for the image's own registry, and nobody else
     * @throws ImageProblem {@code INVALID}: it is renamed to what is no name
     */
    List<Route> routes(Reference image, Credentials credentials) throws ImageProblem {
        Mirrors named = mirrors.getOrDefault(image.host(), mirrors.getOrDefault(OTHERS, Mirrors.NONE));
        List<Route> routes = new ArrayList<>();
        boolean leadsHome = false;
        for (URI endpoint : named.endpoints()) {
            String host = endpoint.getAuthority();
            boolean home = host.equals(image.host()) || host.equals(ownHost(image));
            leadsHome |= home;
            String path = rewritten(image, named.rewrites());
            routes.add(route(
                    host,
                    path,
                    endpoint.resolve(path + "/"),
                    home ? credentials : Credentials.NONE,
                    home ? Optional.empty() : Optional.of(image.host())));
        }
        if (!leadsHome) {
            String scheme = isPlain(image.host()) ? "http://" : "https://";
            routes.add(route(
                    image.host(),
                    image.path(),
                    URI.create(scheme + ownHost(image) + "/v2/" + image.path() + "/"),
                    credentials,
                    Optional.empty()));
        }
        return routes;
    }

    private Route route(String host, String path, URI base, Credentials asked, Optional<String> mirrored) {
        Host said = hosts.getOrDefault(
                host, hosts.getOrDefault(base.getAuthority(), hosts.getOrDefault(OTHERS, Host.USUAL)));
        Credentials credentials = asked.equals(Credentials.NONE) ? said.credentials() : asked;
        return new Route(host, path, base, said.tls(), credentials, mirrored);
    }

    private static String ownHost(Reference image) {
        return image.host().equals(ImageName.DEFAULT_REGISTRY) ? DOCKER : image.host();
    }

    private static String rewritten(Reference image, List<Rewrite> rewrites) throws ImageProblem {
        for (Rewrite rewrite : rewrites) {
            Matcher matcher = rewrite.found().matcher(image.path());
            if (matcher.find()) {
                String path = matcher.replaceAll(rewrite.instead());
                if (!ImageName.isPath(path)) {
                    throw new ImageProblem(
                            ImageProblem.Kind.INVALID,
                            "the registries' file makes \"" + path + "\" of " + image.path()
                                    + ", which is no name of a repository: mend its rewrite of " + rewrite.found());
                }
                return path;
            }
        }
        return image.path();
    }

    private boolean isPlain(String host) {
        if (plain.contains(host)) {
            return true;
        }
        if (hosts.containsKey(host) && hosts.get(host).tls().isPresent()) {
            return false;
        }
        String name = host.replaceFirst(":[0-9]+$", "").toLowerCase(Locale.ROOT);
        boolean own = name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
        return own && !host.endsWith(":443");
    }
}
