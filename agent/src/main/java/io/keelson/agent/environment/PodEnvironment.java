package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.pods.ContainerEnvironment;
import io.keelson.agent.pods.PodProblem;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Variables of containers. Values may hold bytes that are no text, from secrets; {@link VariableBytes} says how.
 *
 * <p>Any thread; waits for the API where a config map or secret has not been read yet.
 */
public final class PodEnvironment implements ContainerEnvironment {
    private static final String STATIC_POD = "kubernetes.io/config.source";

    private final ServiceLookup services;
    private final ReferencedObjects objects;
    private final Supplier<Node> node;
    private final VolumeFiles files;

    /** @param node this node, as it is now: its addresses, and what pods may have of it */
    public PodEnvironment(ServiceLookup services, ReferencedObjects objects, Supplier<Node> node, VolumeFiles files) {
        this.services = services;
        this.objects = objects;
        this.node = node;
        this.files = files;
    }

    @Override
    public Map<String, String> variables(Pod pod, Container container, List<String> podIps) throws PodProblem {
        try {
            return of(pod, container, podIps);
        } catch (ReferenceException e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", e.message(), e);
        } catch (KubernetesClientException e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", Refusals.message(e), e);
        }
    }

    private Map<String, String> of(Pod pod, Container container, List<String> podIps) throws ReferenceException {
        if (!services.isFilled() && !isFromThisMachine(pod)) {
            throw new ReferenceException("services have not yet been read at least once, cannot construct envvars");
        }
        Map<String, String> ofServices = ServiceVariables.of(
                services,
                pod.getMetadata().getNamespace(),
                !Boolean.FALSE.equals(pod.getSpec().getEnableServiceLinks()));
        Map<String, String> own =
                new ContainerVariables(pod, container, podIps, objects, node, files).resolve(ofServices);
        Map<String, String> all = new LinkedHashMap<>();
        ofServices.forEach((name, value) -> {
            if (!own.containsKey(name)) {
                all.put(name, value);
            }
        });
        all.putAll(own);
        for (Map.Entry<String, String> variable : all.entrySet()) {
            if (variable.getValue().indexOf('\0') >= 0) {
                throw new ReferenceException("environment variable " + variable.getKey()
                        + " has a NUL byte in its value, which no process can be given;"
                        + " mount what it is from as a file");
            }
        }
        return all;
    }

    private static boolean isFromThisMachine(Pod pod) {
        String source = OrEmpty.of(pod.getMetadata().getAnnotations()).getOrDefault(STATIC_POD, "api");
        return !"api".equals(source);
    }

    @Override
    public String expanded(String word, Map<String, String> variables) {
        return Expansion.of(word, variables::get);
    }
}
