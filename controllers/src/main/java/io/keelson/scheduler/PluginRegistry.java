package io.keelson.scheduler;

import io.keelson.scheduler.config.EnabledPlugins;
import io.keelson.scheduler.config.ExtensionPoint;
import io.keelson.scheduler.config.PluginArguments;
import io.keelson.scheduler.config.PreemptionArguments;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginEntry;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import io.keelson.scheduler.config.SpreadArguments;
import io.keelson.scheduler.decision.Decider.WeightedScore;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Observed;
import io.keelson.scheduler.decision.Permit;
import io.keelson.scheduler.decision.Plugin;
import io.keelson.scheduler.decision.PreEnqueue;
import io.keelson.scheduler.decision.Reserve;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.DefaultSpread;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The plugins that there are, by name, for one scheduler: each profile has its own of them, made from what the profile says
 * they are given, and all share what they read of the API beside the state. A plugin that reads something is added as
 *
 * <pre>{@code
 * VolumeState volumes = registry.observe(new VolumeState());
 * registry.add("VolumeZone", arguments -> new VolumeZone(volumes));
 * }</pre>
 */
final class PluginRegistry {
    /** The plugin that a profile has to have at {@link ExtensionPoint#POST_FILTER} for room to be made. */
    static final String PREEMPTION = "DefaultPreemption";

    private static final String SPREAD = "PodTopologySpread";

    private final Map<String, Function<PluginArguments, Plugin>> makers = new LinkedHashMap<>();
    private final List<Observed> observed = new ArrayList<>();

    /** A plugin that a profile may have. */
    void add(String name, Function<PluginArguments, Plugin> maker) {
        if (makers.putIfAbsent(name, maker) != null) {
            throw new IllegalArgumentException("a plugin named " + name + " already exists");
        }
    }

    /** Something that plugins read, to be told of what the API says; the same one may be named again. */
    <T extends Observed> T observe(T reading) {
        if (!observed.contains(reading)) {
            observed.add(reading);
        }
        return reading;
    }

    /** What plugins read. */
    List<Observed> observed() {
        return List.copyOf(observed);
    }

    /**
     * The plugins of a profile.
     *
     * @param defaults those that are on unless the profile says otherwise; those that there are not do not matter
     * @throws IllegalArgumentException if the profile asks for what there is not, or makes no sense
     */
    Plugins plugins(Profile profile, List<PluginEntry> defaults) {
        PluginArguments arguments = PluginArguments.of(profile, "profile " + profile.schedulerName());
        Map<String, Plugin> made = new HashMap<>();
        List<PluginEntry> there = defaults.stream()
                .filter(entry -> makers.containsKey(entry.name()))
                .toList();
        EnabledPlugins enabled = new EnabledPlugins(there, profile.plugins(), (name, point) -> {
            Function<PluginArguments, Plugin> maker = makers.get(name);
            if (maker == null) {
                throw new IllegalArgumentException(point.title() + " \"" + name + "\" does not exist");
            }
            return points(made.computeIfAbsent(name, each -> maker.apply(arguments)))
                    .contains(point);
        });
        requireSome(enabled, profile);
        List<WeightedScore> scores = new ArrayList<>();
        for (Score score : of(Score.class, ExtensionPoint.SCORE, enabled, made)) {
            scores.add(new WeightedScore(score, enabled.weight(score.name())));
        }
        return new Plugins(
                of(PreEnqueue.class, ExtensionPoint.PRE_ENQUEUE, enabled, made),
                of(Filter.class, ExtensionPoint.FILTER, enabled, made),
                scores,
                of(Reserve.class, ExtensionPoint.RESERVE, enabled, made),
                of(Permit.class, ExtensionPoint.PERMIT, enabled, made),
                enabled.at(ExtensionPoint.POST_FILTER).contains(PREEMPTION)
                        ? arguments.get(PREEMPTION, PreemptionArguments.DEFAULT)
                        : null,
                spread(enabled, arguments.get(SPREAD, SpreadArguments.DEFAULT)));
    }

    private static DefaultSpread spread(EnabledPlugins enabled, SpreadArguments arguments) {
        if (!enabled.at(ExtensionPoint.FILTER).contains(SPREAD)
                && !enabled.at(ExtensionPoint.SCORE).contains(SPREAD)) {
            return DefaultSpread.NONE;
        }
        return arguments.defaultingType().equals("System")
                ? DefaultSpread.SYSTEM
                : DefaultSpread.of(arguments.defaultConstraints());
    }

    private static void requireSome(EnabledPlugins enabled, Profile profile) {
        int sorting = enabled.at(ExtensionPoint.QUEUE_SORT).size();
        if (sorting != 1) {
            throw new IllegalArgumentException("only one queue sort plugin required for profile with scheduler name \""
                    + profile.schedulerName() + "\", but got " + sorting);
        }
        if (enabled.at(ExtensionPoint.BIND).isEmpty()) {
            throw new IllegalArgumentException("at least one bind plugin is needed for profile with scheduler name \""
                    + profile.schedulerName() + "\"");
        }
    }

    private static <T extends Plugin> List<T> of(
            Class<T> kind, ExtensionPoint point, EnabledPlugins enabled, Map<String, Plugin> made) {
        return enabled.at(point).stream().map(made::get).map(kind::cast).toList();
    }

    /** At which points a plugin can act. */
    private static Set<ExtensionPoint> points(Plugin plugin) {
        if (plugin instanceof OwnStep step) {
            return step.points();
        }
        Set<ExtensionPoint> points = EnumSet.noneOf(ExtensionPoint.class);
        if (plugin instanceof PreEnqueue) {
            points.add(ExtensionPoint.PRE_ENQUEUE);
        }
        if (plugin instanceof Filter) {
            points.add(ExtensionPoint.PRE_FILTER);
            points.add(ExtensionPoint.FILTER);
        }
        if (plugin instanceof Score) {
            points.add(ExtensionPoint.PRE_SCORE);
            points.add(ExtensionPoint.SCORE);
        }
        if (plugin instanceof Reserve) {
            points.add(ExtensionPoint.RESERVE);
            points.add(ExtensionPoint.PRE_BIND);
        }
        if (plugin instanceof Permit) {
            points.add(ExtensionPoint.PERMIT);
        }
        return points;
    }
}
