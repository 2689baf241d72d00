package io.keelson.proxy;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.config.ProxySettings;
import io.keelson.proxy.conntrack.StaleFlows;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePortName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The rules of a family as they are in effect, and whether they are behind. Belongs to one thread. */
final class FamilyRules {
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Family family;
    private final ProxySettings settings;
    private final Forwarding forwarding;
    private final StaleFlows flows;
    private final Runnable flowsChanged;
    private final Map<Key, Set<ServicePortName>> inEffect = new HashMap<>();
    private boolean isBehind = true;
    private boolean areAddressesNew = true;
    private boolean isRetry;
    private long retryAt;

    /**
     * Nothing is in effect yet.
     *
     * @param flows is told of what is
     * @param flowsChanged is called when it may have found something
     */
    FamilyRules(Family family, ProxySettings settings, Forwarding forwarding, StaleFlows flows, Runnable flowsChanged) {
        this.family = family;
        this.settings = settings;
        this.forwarding = forwarding;
        this.flows = flows;
        this.flowsChanged = flowsChanged;
    }

    /** The family. */
    Family family() {
        return family;
    }

    /** Whether something failed, or nothing has been done yet. */
    boolean isBehind() {
        return isBehind;
    }

    /** When that is to be tried again. */
    long retryAt() {
        return retryAt;
    }

    /** Whether that is now. */
    boolean isDue(long nanos) {
        return isBehind && (!isRetry || nanos - retryAt >= 0);
    }

    /** Something went wrong at a moment: all is to be computed anew, after a while. */
    void failed(long nanos) {
        isBehind = true;
        isRetry = true;
        retryAt = nanos + RETRY_NANOS;
    }

    /** The node, or what it knows of the cluster, is another. */
    void configure(ObservedNode node) {
        forwarding.configure(settings.table(family, node.podRanges(), node.serviceRanges()));
        areAddressesNew = true;
        isBehind = true;
        isRetry = false;
    }

    /**
     * Brings them up to date.
     *
     * @param dirty the Services that may differ
     * @return whether all were looked at
     */
    boolean sync(ObservedServices observed, ObservedNode node, Set<Key> dirty, long nanos) throws IOException {
        boolean isFull = isBehind;
        Set<Key> services = new LinkedHashSet<>(dirty);
        if (isFull) {
            services.addAll(inEffect.keySet());
            services.addAll(observed.all());
        }
        List<PortRules> put = new ArrayList<>();
        List<ServicePortName> removed = new ArrayList<>();
        Map<Key, Set<ServicePortName>> now = new HashMap<>();
        for (Key service : services) {
            Set<ServicePortName> names = new HashSet<>();
            for (PortRules rules : observed.rules(service, family, node.view())) {
                put.add(rules);
                names.add(rules.name());
            }
            for (ServicePortName name : inEffect.getOrDefault(service, Set.of())) {
                if (!names.contains(name)) {
                    removed.add(name);
                }
            }
            now.put(service, names);
        }
        if (put.isEmpty() && removed.isEmpty() && !isFull) {
            return false;
        }
        try {
            forwarding.apply(put, removed, areAddressesNew ? addresses(node) : null);
        } catch (IOException e) {
            // What was to go has to be known when it is tried again.
            removed.forEach(name ->
                    now.computeIfAbsent(name.service(), _ -> new HashSet<>()).add(name));
            remember(now);
            failed(nanos);
            throw e;
        }
        remember(now);
        isBehind = false;
        isRetry = false;
        areAddressesNew = false;
        put.forEach(flows::put);
        removed.forEach(flows::remove);
        if (flows.isPending()) {
            flowsChanged.run();
        }
        return isFull;
    }

    /** None where the kernel is asked which addresses the machine has. */
    private Set<IpAddress> addresses(ObservedNode node) {
        return settings.nodePortAddresses().isAll(family) ? Set.of() : node.nodePortAddresses();
    }

    private void remember(Map<Key, Set<ServicePortName>> now) {
        now.forEach((service, names) -> {
            if (names.isEmpty()) {
                inEffect.remove(service);
            } else {
                inEffect.put(service, names);
            }
        });
    }

    /**
     * Looks whether they are still as they were left, and puts them right if not.
     *
     * @return whether they were not
     */
    boolean check(long nanos) throws IOException {
        if (isBehind) {
            return false;
        }
        try {
            return forwarding.check();
        } catch (IOException e) {
            failed(nanos);
            throw e;
        }
    }
}
