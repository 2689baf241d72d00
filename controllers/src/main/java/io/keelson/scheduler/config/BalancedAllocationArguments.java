package io.keelson.scheduler.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code NodeResourcesBalancedAllocationArgs}: which resources are balanced, each of weight 1. */
public record BalancedAllocationArguments(List<FitArguments.Resource> resources) implements PluginArguments.Form {
    /** What counts if nothing is said: CPU and memory. */
    public static final BalancedAllocationArguments DEFAULT = new BalancedAllocationArguments(List.of());

    public BalancedAllocationArguments {
        resources = resources == null || resources.isEmpty()
                ? List.of(new FitArguments.Resource("cpu", 1), new FitArguments.Resource("memory", 1))
                : List.copyOf(resources);
    }

    @Override
    public void check(String path) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < resources.size(); i++) {
            FitArguments.Resource resource = resources.get(i);
            String at = path + ".resources[" + i + ']';
            if (resource.name() == null || resource.name().isEmpty()) {
                throw Refused.required(at + ".name", "");
            }
            if (!names.add(resource.name())) {
                throw Refused.duplicate(at + ".name", resource.name());
            }
            if (resource.weight() != 1) {
                throw Refused.invalid(at + ".weight", resource.weight(), "must be 1");
            }
        }
    }
}
