package io.keelson.agent.environment;

import java.util.ArrayList;
import java.util.List;

/** How much of a resolver's configuration C libraries stand: the rest is left out, and the pod's events say so. */
final class ResolverLimits {
    private static final int SERVERS_MAX = 3;
    private static final int SEARCHES_MAX = 32;
    private static final int SEARCHES_LENGTH_MAX = 2048;
    private static final int SEARCH_LENGTH_MAX = 253;

    private ResolverLimits() {}

    /**
     * What may stay.
     *
     * @param config within the limits
     * @param warnings what was left out, for users
     */
    record Within(ResolverConfig config, List<String> warnings) {}

    static Within of(ResolverConfig config) {
        List<String> warnings = new ArrayList<>();
        List<String> servers = config.servers();
        if (servers.size() > SERVERS_MAX) {
            servers = servers.subList(0, SERVERS_MAX);
            warnings.add("Nameserver limits were exceeded, some nameservers have been omitted, "
                    + "the applied nameserver line is: " + String.join(" ", servers));
        }
        List<String> searches = searches(config.searches());
        if (searches.size() < config.searches().size()) {
            warnings.add("Search Line limits were exceeded, some search paths have been omitted, "
                    + "the applied search line is: " + String.join(" ", searches));
        }
        return new Within(new ResolverConfig(servers, searches, config.options()), warnings);
    }

    private static List<String> searches(List<String> all) {
        List<String> kept = new ArrayList<>();
        int length = -1;
        for (String search : all.subList(0, Math.min(all.size(), SEARCHES_MAX))) {
            if (search.length() > SEARCH_LENGTH_MAX) {
                continue;
            }
            length += search.length() + 1;
            if (length > SEARCHES_LENGTH_MAX) {
                break;
            }
            kept.add(search);
        }
        return kept;
    }

    /**
     * What is wrong with a node's own file, of which pods would get less than it says.
     *
     * @param file its name, for the message
     * @param reserved how many search paths the cluster puts before it
     * @return empty if nothing is
     */
    static String complaint(ResolverConfig config, String file, int reserved) {
        int searchesMax = SEARCHES_MAX - reserved;
        if (config.searches().size() > searchesMax) {
            return "Resolv.conf file '%s' contains search line consisting of more than %d domains!"
                    .formatted(file, searchesMax);
        }
        if (config.searches().stream().anyMatch(search -> search.length() > SEARCH_LENGTH_MAX)) {
            return "Resolv.conf file \"%s\" contains a search path which length is more than allowed %d chars!"
                    .formatted(file, SEARCH_LENGTH_MAX);
        }
        if (String.join(" ", config.searches()).length() > SEARCHES_LENGTH_MAX) {
            return "Resolv.conf file '%s' contains search line which length is more than allowed %d chars!"
                    .formatted(file, SEARCHES_LENGTH_MAX);
        }
        return "";
    }
}
