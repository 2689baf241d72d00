package io.keelson.metrics;

import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.manager.PortSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How a metrics server works.
 *
 * @param config how the API is reached
 * @param address where it listens; port 0 takes one that is free
 * @param port how it is served, and by what it is found out who may read
 * @param isLookedUp whether the API server is asked whose certificates count, where the port's settings do not say
 * @param resolution how often kubelets are asked
 * @param nodeSelector labels of the nodes that are asked; empty for all
 * @param kubelets how these are reached
 * @param register by which name the API server finds this machine, if it is to be told to pass requests on to here
 */
record MetricsServerSettings(
        Config config,
        InetSocketAddress address,
        PortSettings port,
        boolean isLookedUp,
        Duration resolution,
        String nodeSelector,
        KubeletSettings kubelets,
        Optional<String> register) {}
