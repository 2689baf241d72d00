package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with the containers of a pod: those that stay, those that prepare, and those for debugging. */
final class ContainerRules {
    private static final String ONLY_SIDECARS = "may not be set for init containers without restartPolicy=Always";
    private static final String NOT_EPHEMERAL = "cannot be set for an Ephemeral Container";
    private static final Set<String> OF_EPHEMERAL = Set.of(
            "name",
            "image",
            "command",
            "args",
            "workingDir",
            "envFrom",
            "env",
            "volumeMounts",
            "volumeDevices",
            "terminationMessagePath",
            "terminationMessagePolicy",
            "imagePullPolicy",
            "securityContext",
            "stdin",
            "stdinOnce",
            "tty",
            "targetContainerName");
    private static final List<String> PROBES = List.of("livenessProbe", "readinessProbe", "startupProbe");

    private ContainerRules() {}

    static void containers(Place spec, PodContext pod) {
        Place containers = spec.at("containers");
        if (containers.size() == 0) {
            containers.required("");
            return;
        }
        Set<String> names = new HashSet<>();
        for (Place container : containers.items()) {
            common(container, pod);
            if (!names.add(container.at("name").text())) {
                container.at("name").duplicate();
            }
            whileRunning(container, pod);
            RestartRules.validate(container);
        }
        hostPorts(containers.items());
    }

    static void initContainers(Place spec, PodContext pod) {
        Set<String> names = names(spec.at("containers"));
        for (Place container : spec.at("initContainers").items()) {
            common(container, pod);
            RestartRules.validate(container);
            Place name = container.at("name");
            if (name.filled() && !names.add(name.text())) {
                name.duplicate();
            }
            hostPorts(List.of(container));
            if (container.at("restartPolicy").is("Always")) {
                whileRunning(container, pod);
            } else {
                container.at("lifecycle").mustBeAbsent(ONLY_SIDECARS);
                PROBES.forEach(probe -> container.at(probe).mustBeAbsent(ONLY_SIDECARS));
                if (container.at("resizePolicy").size() > 0) {
                    container.at("resizePolicy").invalid("must not be set for init containers");
                }
            }
        }
    }

    static void ephemeralContainers(Place spec, PodContext pod) {
        Set<String> others = names(spec.at("containers"));
        others.addAll(names(spec.at("initContainers")));
        Set<String> all = new HashSet<>(others);
        for (Place container : spec.at("ephemeralContainers").items()) {
            common(container, pod);
            image(container);
            Place name = container.at("name");
            if (!all.add(name.text())) {
                name.duplicate();
            }
            Place target = container.at("targetContainerName");
            if (target.filled() && !others.contains(target.text())) {
                target.notFound();
            }
            for (String field : container.keys()) {
                if (!OF_EPHEMERAL.contains(field) && container.at(field).filled()) {
                    container.at(field).forbidden(NOT_EPHEMERAL);
                }
            }
            for (Place mount : container.at("volumeMounts").items()) {
                for (String field : List.of("subPath", "subPathExpr")) {
                    if (mount.at(field).filled()) {
                        mount.at(field).forbidden(NOT_EPHEMERAL);
                    }
                }
            }
        }
    }

    /** What holds for containers of pods, but for historical reasons not for those of templates. */
    static void image(Place container) {
        Place image = container.at("image");
        if (!image.text().equals(image.text().strip())) {
            image.invalid("must not have leading or trailing whitespace");
        }
    }

    private static Set<String> names(Place containers) {
        Set<String> names = new HashSet<>();
        containers.items().forEach(container -> names.add(container.at("name").text()));
        return names;
    }

    private static void common(Place container, PodContext pod) {
        container.at("name").requireAndCheck(Names::dnsLabel);
        container.at("image").mustBeFilled();
        container.at("terminationMessagePolicy").oneOf("File", "FallbackToLogsOnError");
        ports(container.at("ports"));
        EnvironmentRules.variables(container.at("env"), pod);
        EnvironmentRules.sources(container.at("envFrom"));
        MountRules.mounts(container, pod);
        MountRules.devices(container, pod);
        container.at("imagePullPolicy").oneOf("Always", "IfNotPresent", "Never");
        ResourceRules.container(container.at("resources"), pod.claims());
        resizePolicies(container.at("resizePolicy"), pod);
        SecurityRules.container(container.at("securityContext"), pod.hostUsers());
    }

    private static void whileRunning(Place container, PodContext pod) {
        HandlerRules.lifecycle(container.at("lifecycle"), pod);
        HandlerRules.liveness(container.at("livenessProbe"), pod);
        HandlerRules.readiness(container.at("readinessProbe"), pod);
        HandlerRules.startup(container.at("startupProbe"), pod);
    }

    private static void ports(Place ports) {
        Set<String> names = new HashSet<>();
        for (Place port : ports.items()) {
            Place name = port.at("name");
            if (name.filled()) {
                if (!Names.portName(name.text()).isEmpty()) {
                    name.check(Names::portName);
                } else if (!names.add(name.text())) {
                    name.duplicate();
                }
            }
            if (port.at("containerPort").number() == 0) {
                port.at("containerPort").required("");
            } else {
                ObjectRules.port(port.at("containerPort"));
            }
            if (port.at("hostPort").number() != 0) {
                ObjectRules.port(port.at("hostPort"));
            }
            port.at("protocol").oneOf("SCTP", "TCP", "UDP");
        }
    }

    /** No two containers can have the same port of the node. */
    private static void hostPorts(List<Place> containers) {
        Set<String> taken = new HashSet<>();
        for (Place container : containers) {
            for (Place port : container.at("ports").items()) {
                long hostPort = port.at("hostPort").number();
                String what =
                        port.at("protocol").text() + "/" + port.at("hostIP").text() + "/" + hostPort;
                if (hostPort != 0 && !taken.add(what)) {
                    port.at("hostPort").duplicate(what);
                }
            }
        }
    }

    private static void resizePolicies(Place policies, PodContext pod) {
        Set<String> resources = new HashSet<>();
        for (Place policy : policies.items()) {
            String resource = policy.at("resourceName").text();
            if (!resources.add(resource)) {
                policy.duplicate(resource);
            }
            policy.at("resourceName").as(policies.path()).oneOf("cpu", "memory");
            Place restart = policy.at("restartPolicy").as(policies.path());
            restart.oneOf("NotRequired", "RestartContainer");
            if (pod.restartPolicy().equals("Never") && !restart.is("NotRequired")) {
                restart.invalid("must be 'NotRequired' when `restartPolicy` is 'Never'");
            }
        }
    }
}
