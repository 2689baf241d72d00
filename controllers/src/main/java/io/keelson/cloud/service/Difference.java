package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * That a Service asks for another load balancer than before: the first thing found that differs.
 *
 * @param reason of the event that tells of it; null if none does
 * @param message of that event
 */
record Difference(@Nullable String reason, String message) {
    private static final Optional<Difference> UNTOLD = Optional.of(new Difference(null, ""));

    /** What differs between two states of a Service that both want a load balancer; empty if nothing does. */
    static Optional<Difference> between(Service before, Service now) {
        ServiceSpec old = before.getSpec();
        ServiceSpec spec = now.getSpec();
        List<String> oldRanges = OrEmpty.of(old.getLoadBalancerSourceRanges());
        List<String> ranges = OrEmpty.of(spec.getLoadBalancerSourceRanges());
        if (!oldRanges.equals(ranges)) {
            return change("LoadBalancerSourceRanges", words(oldRanges), words(ranges));
        }
        if (!samePorts(OrEmpty.of(old.getPorts()), OrEmpty.of(spec.getPorts()))
                || !Objects.equals(old.getSessionAffinity(), spec.getSessionAffinity())
                || !Objects.equals(old.getSessionAffinityConfig(), spec.getSessionAffinityConfig())) {
            return UNTOLD;
        }
        if (!OrEmpty.of(old.getLoadBalancerIP()).equals(OrEmpty.of(spec.getLoadBalancerIP()))) {
            return change("LoadbalancerIP", OrEmpty.of(old.getLoadBalancerIP()), OrEmpty.of(spec.getLoadBalancerIP()));
        }
        List<String> oldIps = OrEmpty.of(old.getExternalIPs());
        List<String> ips = OrEmpty.of(spec.getExternalIPs());
        if (oldIps.size() != ips.size()) {
            return change("ExternalIP", "Count: " + oldIps.size(), Integer.toString(ips.size()));
        }
        for (int i = 0; i < ips.size(); i++) {
            if (!oldIps.get(i).equals(ips.get(i))) {
                return Optional.of(new Difference("ExternalIP", "Added: " + ips.get(i)));
            }
        }
        if (!OrEmpty.of(before.getMetadata().getAnnotations())
                .equals(OrEmpty.of(now.getMetadata().getAnnotations()))) {
            return UNTOLD;
        }
        if (!Objects.equals(old.getExternalTrafficPolicy(), spec.getExternalTrafficPolicy())) {
            return change(
                    "ExternalTrafficPolicy",
                    OrEmpty.of(old.getExternalTrafficPolicy()),
                    OrEmpty.of(spec.getExternalTrafficPolicy()));
        }
        int oldCheck = OrEmpty.of(old.getHealthCheckNodePort());
        int check = OrEmpty.of(spec.getHealthCheckNodePort());
        if (oldCheck != check) {
            return change("HealthCheckNodePort", Integer.toString(oldCheck), Integer.toString(check));
        }
        int oldFamilies = OrEmpty.of(old.getIpFamilies()).size();
        int families = OrEmpty.of(spec.getIpFamilies()).size();
        if (oldFamilies != families) {
            return change("IPFamilies", "Count: " + oldFamilies, Integer.toString(families));
        }
        return Optional.empty();
    }

    private static Optional<Difference> change(String reason, String before, String now) {
        return Optional.of(new Difference(reason, before + " -> " + now));
    }

    private static String words(List<String> list) {
        return '[' + String.join(" ", list) + ']';
    }

    private static boolean samePorts(List<ServicePort> one, List<ServicePort> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            ServicePort a = one.get(i);
            ServicePort b = other.get(i);
            if (!OrEmpty.of(a.getName()).equals(OrEmpty.of(b.getName()))
                    || !Objects.equals(a.getProtocol(), b.getProtocol())
                    || !Objects.equals(a.getPort(), b.getPort())
                    || OrEmpty.of(a.getNodePort()) != OrEmpty.of(b.getNodePort())
                    || !Objects.equals(a.getTargetPort(), b.getTargetPort())
                    || !Objects.equals(a.getAppProtocol(), b.getAppProtocol())) {
                return false;
            }
        }
        return true;
    }
}
