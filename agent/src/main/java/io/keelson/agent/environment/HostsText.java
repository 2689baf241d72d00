package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.HostAlias;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;

/** The text of a container's {@code /etc/hosts}. */
final class HostsText {
    private static final String OWN_NETWORK = """
            # Kubernetes-managed hosts file.
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            fe00::0\tip6-mcastprefix
            fe00::1\tip6-allnodes
            fe00::2\tip6-allrouters
            """;
    private static final String NODES_NETWORK = "# Kubernetes-managed hosts file (host network).\n";

    private HostsText() {}

    /** Of a pod with a network of its own. */
    static String own(HostNames names, List<String> podIps, List<HostAlias> aliases) {
        StringBuilder text = new StringBuilder(OWN_NETWORK);
        String full = names.domain().isEmpty() ? "" : names.host() + '.' + names.domain() + '\t';
        for (String ip : podIps) {
            text.append(ip).append('\t').append(full).append(names.host()).append('\n');
        }
        return text.append(lines(aliases)).toString();
    }

    /** Of a pod on the node's network: the node's file. */
    static String ofNode(String file, List<HostAlias> aliases) {
        return NODES_NETWORK + file + lines(aliases);
    }

    private static String lines(List<HostAlias> aliases) {
        if (aliases.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("\n# Entries added by HostAliases.\n");
        for (HostAlias alias : aliases) {
            text.append(alias.getIp())
                    .append('\t')
                    .append(String.join("\t", OrEmpty.of(alias.getHostnames())))
                    .append('\n');
        }
        return text.toString();
    }
}
