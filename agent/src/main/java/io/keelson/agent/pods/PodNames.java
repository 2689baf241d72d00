package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.wire.cri.DNSConfig;
import java.util.List;

/** What a pod is called, and whom it asks for names. */
public interface PodNames {
    /** The pod's host name: at most 63 letters, as {@code spec.hostname}, {@code setHostnameAsFQDN} and the node say. */
    String hostname(Pod pod) throws PodProblem;

    /** Name servers, search paths and options, as {@code dnsPolicy} and {@code dnsConfig} say. */
    DNSConfig dns(Pod pod) throws PodProblem;

    /** The text of {@code /etc/hosts} for containers that do not mount one of their own. */
    String hostsFile(Pod pod, List<String> podIps) throws PodProblem;
}
