package io.keelson.scheduler.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.scheduler.config.SchedulerConfiguration.PluginEntry;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginSet;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginSets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Profiles merge with their defaults as a walk over each point, written plainly, says. */
class EnabledPluginsProperties {
    private static final List<String> NAMES = List.of("A", "B", "C", "D", "E", "F");

    /** A and B filter and score, C and D filter, E and F score. */
    private static boolean extend(String name, ExtensionPoint point) {
        return switch (point) {
            case FILTER -> "ABCD".contains(name);
            case SCORE -> "ABEF".contains(name);
            default -> false;
        };
    }

    private static List<PluginEntry> some(Random random, boolean distinct) {
        List<PluginEntry> entries = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            if (!distinct || entries.stream().noneMatch(entry -> entry.name().equals(name))) {
                entries.add(new PluginEntry(name, random.nextBoolean() ? null : random.nextInt(4)));
            }
        }
        return entries;
    }

    private static PluginSet set(Random random) {
        List<PluginEntry> disabled = new ArrayList<>(some(random, false));
        if (random.nextInt(4) == 0) {
            disabled.add(new PluginEntry("*", null));
        }
        return new PluginSet(some(random, random.nextInt(3) > 0), disabled);
    }

    @Property(tries = 3000)
    void eachPointHasWhatThePlainRuleSays(@ForAll long seed) {
        Random random = new Random(seed);
        List<PluginEntry> defaults = some(random, true);
        PluginSets sets = PluginSets.of(
                set(random), Map.of(ExtensionPoint.FILTER, set(random), ExtensionPoint.SCORE, set(random)));
        EnabledPlugins merged;
        try {
            merged = new EnabledPlugins(defaults, sets, EnabledPluginsProperties::extend);
        } catch (IllegalArgumentException e) {
            assertTrue(isWrong(defaults, sets), () -> sets + " was refused: " + e.getMessage());
            return;
        }
        assertTrue(!isWrong(defaults, sets), sets::toString);
        for (ExtensionPoint point : List.of(ExtensionPoint.FILTER, ExtensionPoint.SCORE)) {
            assertEquals(plain(defaults, sets, point), merged.at(point));
        }
        for (String name : merged.at(ExtensionPoint.SCORE)) {
            assertEquals(plainWeight(defaults, sets, name), merged.weight(name));
        }
    }

    private static boolean isOff(PluginSet set, String name) {
        return set.disabled().stream()
                .anyMatch(entry -> entry.name().equals("*") || entry.name().equals(name));
    }

    private static @Nullable PluginEntry last(List<PluginEntry> entries, String name) {
        return entries.stream()
                .filter(entry -> entry.name().equals(name))
                .reduce((one, other) -> other)
                .orElse(null);
    }

    /** With doubles where the same is enabled twice. */
    private static List<String> everywhere(List<PluginEntry> defaults, PluginSets sets) {
        List<String> names = new ArrayList<>();
        for (PluginEntry each : defaults) {
            if (!isOff(sets.multiPoint(), each.name())) {
                names.add(each.name());
            }
        }
        Set<String> replaced = new HashSet<>(names);
        List<String> added = new ArrayList<>();
        for (PluginEntry each : sets.multiPoint().enabled().reversed()) {
            if (!replaced.remove(each.name())) {
                added.addFirst(each.name());
            }
        }
        names.addAll(added);
        return names;
    }

    private static boolean isWrong(List<PluginEntry> defaults, PluginSets sets) {
        for (ExtensionPoint point : List.of(ExtensionPoint.FILTER, ExtensionPoint.SCORE)) {
            List<String> here =
                    sets.at(point).enabled().stream().map(PluginEntry::name).toList();
            List<String> brought = everywhere(defaults, sets).stream()
                    .filter(name -> extend(name, point) && !isOff(sets.at(point), name))
                    .toList();
            if (here.size() != new HashSet<>(here).size()
                    || brought.size() != new HashSet<>(brought).size()
                    || here.stream().anyMatch(name -> !extend(name, point))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> plain(List<PluginEntry> defaults, PluginSets sets, ExtensionPoint point) {
        List<String> here =
                sets.at(point).enabled().stream().map(PluginEntry::name).toList();
        List<String> brought = everywhere(defaults, sets).stream()
                .filter(name -> extend(name, point) && !isOff(sets.at(point), name))
                .toList();
        return Stream.of(
                        here.stream().filter(brought::contains),
                        brought.stream().filter(name -> !here.contains(name)),
                        here.stream().filter(name -> !brought.contains(name)))
                .flatMap(each -> each)
                .toList();
    }

    private static int plainWeight(List<PluginEntry> defaults, PluginSets sets, String name) {
        PluginEntry here = last(sets.score().enabled(), name);
        PluginEntry said = here != null ? here : last(sets.multiPoint().enabled(), name);
        PluginEntry counts = said != null ? said : last(defaults, name);
        return counts == null || counts.weight() == null || counts.weight() == 0 ? 1 : counts.weight();
    }
}
