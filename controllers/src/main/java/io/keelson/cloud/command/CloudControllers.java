package io.keelson.cloud.command;

import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.node.CloudNodeController;
import io.keelson.cloud.node.CloudNodeLifecycleController;
import io.keelson.cloud.node.CloudNodeSettings;
import io.keelson.cloud.route.NodeRouteController;
import io.keelson.cloud.route.NodeRouteSettings;
import io.keelson.cloud.service.ServiceLoadBalancerController;
import io.keelson.cloud.service.ServiceLoadBalancerSettings;
import io.keelson.controllers.manager.ControllerSelection;
import io.keelson.controllers.runtime.ControllerDescriptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which controllers run, and how.
 *
 * @param names of those that the user wants
 * @param routes null if routes are not to be made
 */
record CloudControllers(
        Set<String> names,
        CloudNodeSettings nodes,
        ServiceLoadBalancerSettings services,
        @Nullable NodeRouteSettings routes) {
    private static final Logger LOG = LoggerFactory.getLogger(CloudControllers.class);
    private static final List<String> KNOWN = List.of(
            CloudNodeController.NAME,
            CloudNodeLifecycleController.NAME,
            ServiceLoadBalancerController.NAME,
            NodeRouteController.NAME);

    CloudControllers {
        names = Set.copyOf(names);
    }

    /**
     * The names that words of {@code --controllers} choose.
     *
     * @throws IllegalArgumentException if one names no controller, or none is left
     */
    static Set<String> chosen(List<String> words) {
        List<ControllerDescriptor> known = KNOWN.stream()
                .map(name -> new ControllerDescriptor(name, 1, (context, setup) -> {
                    throw new IllegalStateException("only the name is asked for");
                }))
                .toList();
        Set<String> names = new HashSet<>();
        new ControllerSelection(known, Set.of()).choose(words).forEach(chosen -> names.add(chosen.name()));
        if (names.isEmpty()) {
            throw new IllegalArgumentException("--controllers leaves none to run");
        }
        return names;
    }

    /** Those that run with a provider; the others have nothing to do there. */
    List<ControllerDescriptor> with(CloudProvider provider) {
        List<ControllerDescriptor> controllers = new ArrayList<>();
        add(controllers, provider, CloudNodeController.NAME, CloudNodeController.descriptor(provider, nodes));
        add(
                controllers,
                provider,
                CloudNodeLifecycleController.NAME,
                CloudNodeLifecycleController.descriptor(provider, nodes));
        add(
                controllers,
                provider,
                ServiceLoadBalancerController.NAME,
                provider.loadBalancers()
                        .map(balancers -> ServiceLoadBalancerController.descriptor(balancers, services)));
        NodeRouteSettings wanted = routes;
        if (wanted != null) {
            add(
                    controllers,
                    provider,
                    NodeRouteController.NAME,
                    provider.routes().map(known -> NodeRouteController.descriptor(known, wanted)));
        }
        return controllers;
    }

    private void add(
            List<ControllerDescriptor> controllers,
            CloudProvider provider,
            String name,
            Optional<ControllerDescriptor> controller) {
        if (!names.contains(name)) {
            return;
        }
        if (controller.isEmpty()) {
            LOG.info("{} does not run: the provider {} has nothing for it", name, provider.name());
        }
        controller.ifPresent(controllers::add);
    }
}
