package io.keelson.agent.network;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What nodes of this kind have made of a machine's network and left when they ended: links and routes, which are known by
 * their names and by the routes' number. For who gives the machine back; nothing else is to work on the network then.
 */
public final class NetworkRemains implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("kl[0-9a-f]{12}");
    private static final Pattern LINK = Pattern.compile("keelson0|keelson-[a-z0-9-]{1,7}");

    private final Links links;

    /** @param namespace takes the place of the machine's own; null for that of this process */
    public NetworkRemains(@Nullable Path namespace) throws IOException, InterruptedException {
        links = Links.of(new NetworkNamespace(namespace));
    }

    /** Links that pods of nodes of this kind are at. */
    public List<String> ports() throws IOException {
        return names(PORT);
    }

    /** Links that pods share, or Services. */
    public List<String> links() throws IOException {
        return names(LINK);
    }

    private List<String> names(Pattern pattern) throws IOException {
        return links.all().stream()
                .map(Links.Link::name)
                .filter(name -> pattern.matcher(name).matches())
                .sorted()
                .toList();
    }

    /** Where routes to pods of other nodes lead. */
    public List<String> routes() throws IOException {
        return links.routing().routes(RouteSync.PROTOCOL).stream()
                .map(route -> route.destination().toString())
                .toList();
    }

    /** The link that the pod of a sandbox is at. */
    public static String port(String sandbox) {
        return BridgeNetwork.linkName(sandbox);
    }

    /** Takes a link away; right if it is gone. */
    public void removeLink(String name) throws IOException {
        if (!PORT.matcher(name).matches() && !LINK.matcher(name).matches()) {
            throw new IllegalArgumentException("the link " + name + " is not one of ours");
        }
        links.remove(name);
    }

    /** Takes routes of ours away; right if they are gone. */
    public void removeRoutes() throws IOException {
        for (Routing.Route route : links.routing().routes(RouteSync.PROTOCOL)) {
            links.routing().removeRoute(route.destination(), RouteSync.PROTOCOL);
        }
    }

    @Override
    public void close() throws IOException {
        links.close();
    }
}
