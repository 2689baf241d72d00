package io.keelson.scheduler.config;

import io.keelson.scheduler.config.SchedulerConfiguration.PluginEntry;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginSet;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginSets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Which plugins a profile has at which extension point, in the order in which they are asked, as kube-scheduler merges what a
 * profile says with its defaults:
 *
 * <ul>
 *   <li>A default plugin that the profile names under {@code multiPoint} keeps its place and gets the profile's weight; one
 *       that is disabled there is gone; other plugins that are enabled there come last.
 *   <li>At a single point, first come the plugins that {@code multiPoint} brings and that the profile names for this very
 *       point as well, in the order in which it names them; then the rest of what {@code multiPoint} brings and the point
 *       does not disable; then what else the profile names for it.
 * </ul>
 */
public final class EnabledPlugins {
    private static final String ALL = "*";

    private final Map<ExtensionPoint, List<String>> names = new EnumMap<>(ExtensionPoint.class);
    private final Map<String, Integer> weights = new HashMap<>();

    /**
     * Merges.
     *
     * @param defaults what is on unless the profile says otherwise
     * @param extend whether a plugin of a name can act at a point
     * @throws IllegalArgumentException if the profile names a plugin twice, or for a point at which it cannot act
     */
    public EnabledPlugins(List<PluginEntry> defaults, PluginSets profile, BiPredicate<String, ExtensionPoint> extend) {
        List<PluginEntry> everywhere = merge(defaults, profile.multiPoint());
        for (ExtensionPoint point : ExtensionPoint.values()) {
            names.put(point, at(point, everywhere, profile.at(point), extend));
        }
        // What is said of the single point counts.
        everywhere.forEach(entry -> weights.put(entry.name(), weight(entry)));
        profile.score().enabled().forEach(entry -> weights.put(entry.name(), weight(entry)));
        long sum = 0;
        for (String name : at(ExtensionPoint.SCORE)) {
            sum += 100L * weight(name);
        }
        if (sum > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("total score of Score plugins could overflow");
        }
    }

    private static int weight(PluginEntry entry) {
        Integer weight = entry.weight();
        return weight == null || weight == 0 ? 1 : weight;
    }

    private static List<PluginEntry> merge(List<PluginEntry> defaults, PluginSet custom) {
        Set<String> disabled = new HashSet<>();
        custom.disabled().forEach(entry -> disabled.add(entry.name()));
        Map<String, PluginEntry> replacing = new LinkedHashMap<>();
        custom.enabled().forEach(entry -> replacing.put(entry.name(), entry));
        List<PluginEntry> merged = new ArrayList<>();
        // Two that say the same are two all the same, and found to be one too many.
        Set<PluginEntry> used = Collections.newSetFromMap(new IdentityHashMap<>());
        if (!disabled.contains(ALL)) {
            for (PluginEntry usual : defaults) {
                if (!disabled.contains(usual.name())) {
                    PluginEntry entry = replacing.getOrDefault(usual.name(), usual);
                    used.add(entry);
                    merged.add(entry);
                }
            }
        }
        custom.enabled().stream().filter(entry -> !used.contains(entry)).forEach(merged::add);
        return merged;
    }

    private static List<String> at(
            ExtensionPoint point,
            List<PluginEntry> everywhere,
            PluginSet here,
            BiPredicate<String, ExtensionPoint> extend) {
        Set<String> named = new LinkedHashSet<>();
        for (PluginEntry entry : here.enabled()) {
            if (!extend.test(entry.name(), point)) {
                throw new IllegalArgumentException(
                        "plugin \"" + entry.name() + "\" does not extend " + point.title() + " plugin");
            }
            if (!named.add(entry.name())) {
                throw twice(entry.name(), point);
            }
        }
        Set<String> disabled = new HashSet<>();
        here.disabled().forEach(entry -> disabled.add(entry.name()));
        Set<String> brought = new LinkedHashSet<>();
        if (!disabled.contains(ALL)) {
            for (PluginEntry entry : everywhere) {
                if (extend.test(entry.name(), point)
                        && !disabled.contains(entry.name())
                        && !brought.add(entry.name())) {
                    throw twice(entry.name(), point);
                }
            }
        }
        Set<String> inOrder = new LinkedHashSet<>(named);
        inOrder.retainAll(brought);
        inOrder.addAll(brought);
        inOrder.addAll(named);
        return List.copyOf(inOrder);
    }

    private static IllegalArgumentException twice(String name, ExtensionPoint point) {
        return new IllegalArgumentException("plugin \"" + name + "\" already registered as \"" + point.title() + "\"");
    }

    /** Which plugins act at a point, in order. */
    public List<String> at(ExtensionPoint point) {
        return names.getOrDefault(point, List.of());
    }

    /** How much the score of a plugin counts. */
    public int weight(String name) {
        return weights.getOrDefault(name, 1);
    }
}
