package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.Formats;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is wrong with the specification of a pod, in a pod or in a template. */
public final class PodSpecRules {
    private static final int HOSTNAME_CHARS_MAX = 64;
    private static final int NAME_SERVERS_MAX = 3;
    private static final int SEARCH_PATHS_MAX = 32;
    private static final int SEARCH_LIST_CHARS_MAX = 2_048;

    private PodSpecRules() {}

    /**
     * Looks over a specification.
     *
     * @param podName the pod's; empty in a template
     * @param pod whether it is of a pod, and not of a template
     */
    static void validate(Place spec, String podName, boolean pod) {
        Place grace = spec.at("terminationGracePeriodSeconds");
        if (grace.absent()) {
            grace.required("");
        }
        Map<String, JsonNode> volumes = VolumeRules.volumes(spec.at("volumes"), podName);
        Set<String> claims = claims(spec.at("resourceClaims"));
        Place hostUsers = spec.at("hostUsers");
        PodContext context = new PodContext(
                volumes,
                claims,
                grace,
                spec.at("restartPolicy").text(),
                spec.at("os", "name").text(),
                hostUsers.absent() || hostUsers.flag());
        ContainerRules.containers(spec, context);
        ContainerRules.initContainers(spec, context);
        ContainerRules.ephemeralContainers(spec, context);
        ResourceRules.pod(spec);
        hostPorts(spec, pod);
        spec.at("restartPolicy").oneOf("Always", "OnFailure", "Never");
        spec.at("dnsPolicy").oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        LabelValidation.labels(spec.at("nodeSelector"));
        SecurityRules.pod(spec);
        AffinityRules.affinity(spec.at("affinity"));
        dns(spec);
        for (Place gate : spec.at("readinessGates").items()) {
            gate.at("conditionType").check(Names::qualifiedName);
        }
        schedulingGates(spec.at("schedulingGates"));
        schedulingGroup(spec.at("schedulingGroup"));
        SpreadRules.constraints(spec.at("topologySpreadConstraints"));
        spec.at("serviceAccountName").checkIfFilled(Names::dnsSubdomain);
        spec.at("nodeName").checkIfFilled(Names::dnsSubdomain);
        if (spec.at("activeDeadlineSeconds").present()) {
            spec.at("activeDeadlineSeconds").within(1, Integer.MAX_VALUE);
        }
        spec.at("hostname").checkIfFilled(Names::dnsLabel);
        spec.at("subdomain").checkIfFilled(Names::dnsLabel);
        hostnameOverride(spec);
        TolerationRules.tolerations(spec.at("tolerations"));
        for (Place alias : spec.at("hostAliases").items()) {
            alias.at("ip").check(Addresses::ip);
            for (Place hostname : alias.at("hostnames").items()) {
                hostname.check(Names::dnsSubdomain);
            }
        }
        spec.at("priorityClassName").checkIfFilled(Names::dnsSubdomain);
        if (spec.at("runtimeClassName").present()) {
            spec.at("runtimeClassName").check(Names::dnsSubdomain);
        }
        if (spec.at("preemptionPolicy").present()) {
            spec.at("preemptionPolicy").oneOf("PreemptLowerPriority", "Never");
        }
        if (spec.at("overhead").present()) {
            ResourceRules.overhead(spec.at("overhead"));
        }
        operatingSystem(spec);
    }

    private static Set<String> claims(Place claims) {
        Set<String> names = new HashSet<>();
        for (Place claim : claims.items()) {
            Place name = claim.at("name");
            if (name.empty()) {
                name.required("");
            } else if (!names.add(name.text())) {
                name.duplicate();
            } else {
                name.check(Names::dnsLabel);
            }
            Place direct = claim.at("resourceClaimName");
            Place template = claim.at("resourceClaimTemplateName");
            if (direct.present() && template.present()) {
                claim.invalid("at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            } else if (direct.absent() && template.absent()) {
                claim.invalid("must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }
            if (direct.present()) {
                direct.check(Names::dnsSubdomain);
            }
            if (template.present()) {
                template.check(Names::dnsSubdomain);
            }
        }
        return names;
    }

    /** On the node's network, a container's port is the node's. */
    private static void hostPorts(Place spec, boolean pod) {
        if (!spec.at("hostNetwork").flag()) {
            return;
        }
        for (Place container : spec.at("containers").items()) {
            for (Place port : container.at("ports").items()) {
                long hostPort = port.at("hostPort").number();
                if ((pod || hostPort != 0)
                        && hostPort != port.at("containerPort").number()) {
                    port.at("hostPort").invalid(hostPort, "must match `containerPort` when `hostNetwork` is true");
                }
            }
        }
    }

    /** What the pod calls itself, whatever others call it; the kernel has room for so many characters. */
    private static void hostnameOverride(Place spec) {
        Place name = spec.at("hostnameOverride");
        if (name.empty()) {
            return;
        }
        name.check(Names::dnsSubdomain);
        if (name.text().length() > HOSTNAME_CHARS_MAX) {
            name.tooLong(HOSTNAME_CHARS_MAX);
        }
        for (String other : List.of("hostNetwork", "setHostnameAsFQDN")) {
            if (spec.at(other).flag()) {
                name.forbidden("may not be specified when `" + other + "` is true");
            }
        }
    }

    private static void dns(Place spec) {
        Place config = spec.at("dnsConfig");
        if (spec.at("dnsPolicy").is("None")) {
            if (config.absent()) {
                config.required("must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }
            if (config.at("nameservers").size() == 0) {
                config.at("nameservers").required("must provide at least one DNS nameserver when `dnsPolicy` is None");
                return;
            }
        }
        Place servers = config.at("nameservers");
        if (servers.size() > NAME_SERVERS_MAX) {
            servers.invalid("must not have more than " + NAME_SERVERS_MAX + " nameservers");
        }
        for (Place server : servers.items()) {
            server.check(Addresses::ip);
        }
        Place searches = config.at("searches");
        if (searches.size() > SEARCH_PATHS_MAX) {
            searches.invalid("must not have more than " + SEARCH_PATHS_MAX + " search paths");
        }
        if (String.join(" ", searches.textItems()).length() > SEARCH_LIST_CHARS_MAX) {
            searches.invalid("must not have more than " + SEARCH_LIST_CHARS_MAX
                    + " characters (including spaces) in the search list");
        }
        for (Place search : searches.items()) {
            String domain = search.text();
            if (!domain.equals(".")) {
                String plain = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
                for (String wrong : Formats.searchDomain(plain)) {
                    search.invalid(plain, wrong);
                }
            }
        }
        for (Place option : config.at("options").items()) {
            if (option.at("name").empty()) {
                option.required("must not be empty");
            }
        }
    }

    private static void schedulingGates(Place gates) {
        Set<String> names = new HashSet<>();
        for (Place gate : gates.items()) {
            String name = gate.at("name").text();
            for (String wrong : Names.qualifiedName(name)) {
                gate.invalid(name, wrong);
            }
            if (!names.add(name)) {
                gate.duplicate(name);
            }
        }
    }

    private static void schedulingGroup(Place group) {
        if (group.present() && group.at("podGroupName").absent()) {
            group.invalid("", "must specify one of: `podGroupName`");
        } else if (group.present()) {
            group.at("podGroupName").check(Names::dnsSubdomain);
        }
    }

    private static void operatingSystem(Place spec) {
        Place system = spec.at("os");
        if (system.absent()) {
            return;
        }
        switch (system.at("name").text()) {
            case "" -> system.at("name").required("cannot be empty");
            case "linux" -> SecurityRules.onlyLinux(spec);
            case "windows" -> SecurityRules.onlyWindows(spec);
            default ->
                spec.errors().notSupported(system.path(), system.at("name").text(), List.of("linux", "windows"));
        }
    }
}
