package io.keelson.agent.network;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What nodes of this kind have made of a machine's network and left when they ended: links, tables of rules and routes, which are
 * known by their names and by the routes' number. For who gives the machine back; nothing else is to work on the network then.
 */
public final class NetworkRemains implements AutoCloseable {
    private static final Duration NFT_MAX = Duration.ofSeconds(20);
    private static final Pattern PORT = Pattern.compile("kl[0-9a-f]{12}");
    private static final Pattern LINK = Pattern.compile("keelson0|keelson-[a-z0-9-]{1,7}");
    private static final Pattern TABLE =
            Pattern.compile("table (inet|ip|ip6|netdev|arp|bridge) (keelson-[A-Za-z0-9_-]+)");

    private final NetworkNamespace namespace;
    private final Links links;

    /** @param namespace the network namespace that takes the place of the machine's own; null for that of this process */
    public NetworkRemains(@Nullable Path namespace) throws IOException, InterruptedException {
        this.namespace = new NetworkNamespace(namespace);
        links = Links.of(this.namespace);
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

    /**
     * Tables of rules, as {@code inet keelson-network}; none where there is no program {@code nft} to ask.
     *
     * @throws IOException if it is there and does not say
     */
    public List<String> tables() throws IOException, InterruptedException {
        BoundedProgram.Result result;
        try {
            result = nft("list tables", "");
        } catch (IOException e) {
            return List.of();
        }
        if (result.code() != 0) {
            throw new IOException("nft: " + BoundedProgram.excerpt(result.errors()));
        }
        return result.output()
                .lines()
                .map(line -> TABLE.matcher(line.strip()))
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.group(1) + " " + matcher.group(2))
                .toList();
    }

    private BoundedProgram.Result nft(String arguments, String input) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(namespace.prefix());
        command.add("nft");
        command.addAll(List.of(arguments.split(" ", -1)));
        return BoundedProgram.run(command, null, input, NFT_MAX);
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

    /** Takes tables away, all or none; right if they are gone. */
    public void removeTables(Collection<String> tables) throws IOException, InterruptedException {
        for (String table : tables) {
            if (!TABLE.matcher("table " + table).matches()) {
                throw new IllegalArgumentException("the table " + table + " is not one of ours");
            }
        }
        BoundedProgram.Result result = nft(
                "-f -",
                tables.stream()
                        .map(table -> "add table " + table + "\ndelete table " + table + '\n')
                        .collect(Collectors.joining()));
        if (result.code() != 0) {
            throw new IOException("nft: " + BoundedProgram.excerpt(result.errors()));
        }
    }

    @Override
    public void close() throws IOException {
        links.close();
    }
}
