package io.keelson.scheduler.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginConfig;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the plugins of a profile are given. Each form has the name that Kubernetes gives it: {@code NodeResourcesFitArgs} is
 * {@link FitArguments} here.
 */
public final class PluginArguments {
    private static final Map<String, Class<? extends Form>> FORMS = Map.of(
            "NodeResourcesFit", FitArguments.class,
            "NodeResourcesBalancedAllocation", BalancedAllocationArguments.class,
            "InterPodAffinity", PodAffinityArguments.class,
            "PodTopologySpread", SpreadArguments.class,
            "NodeAffinity", NodeAffinityArguments.class,
            "DefaultPreemption", PreemptionArguments.class,
            "VolumeBinding", VolumeBindingArguments.class,
            "DynamicResources", DynamicResourcesArguments.class,
            "DataLocality", DataLocalityArguments.class);

    /** No plugin is given anything. */
    public static final PluginArguments NONE = new PluginArguments(Map.of());

    private final Map<String, Form> forms;

    /** What one plugin can be given. */
    interface Form {
        /**
         * Checks values.
         *
         * @param path where this is
         */
        void check(String path);
    }

    private PluginArguments(Map<String, Form> forms) {
        this.forms = Map.copyOf(forms);
    }

    /**
     * Reads what a profile says.
     *
     * @param path where the profile is
     * @throws IllegalArgumentException if it is not what a plugin takes
     */
    public static PluginArguments of(Profile profile, String path) {
        Map<String, Form> forms = new HashMap<>();
        List<PluginConfig> all = profile.pluginConfig();
        for (int i = 0; i < all.size(); i++) {
            PluginConfig config = all.get(i);
            String at = path + ".pluginConfig[" + i + ']';
            String name = config.name();
            if (name == null || name.isEmpty()) {
                throw Refused.required(at + ".name", "");
            }
            if (all.subList(0, i).stream().anyMatch(earlier -> name.equals(earlier.name()))) {
                throw Refused.duplicate(at, name);
            }
            Class<? extends Form> form = FORMS.get(name);
            JsonNode args = config.args();
            if (args == null || args.isNull()) {
                continue;
            }
            if (form == null) {
                throw Refused.invalid(at + ".name", name, "there is no plugin of this name that takes args");
            }
            Form read = ConfigurationFile.value(withoutKind(args, name, at + ".args"), form, at + ".args");
            read.check(at + ".args");
            forms.put(name, read);
        }
        return new PluginArguments(forms);
    }

    /** The kind may be said, and has to be the right one then. */
    private static JsonNode withoutKind(JsonNode args, String name, String path) {
        if (!args.isObject()) {
            throw Refused.invalid(path, args.toString(), "has to match plugin args");
        }
        ObjectNode copy = args.deepCopy();
        JsonNode kind = copy.remove("kind");
        if (kind != null && !kind.asText().equals(name + "Args")) {
            throw Refused.invalid(path + ".kind", kind.asText(), "has to be " + name + "Args");
        }
        JsonNode version = copy.remove("apiVersion");
        if (version != null && !version.asText().equals(SchedulerConfiguration.API_VERSION)) {
            throw Refused.invalid(
                    path + ".apiVersion", version.asText(), "has to be " + SchedulerConfiguration.API_VERSION);
        }
        return copy;
    }

    /** For which plugins something is said. */
    public Set<String> names() {
        return forms.keySet();
    }

    /**
     * What a plugin is given.
     *
     * @param usual what counts if nothing is said
     */
    public <T> T get(String plugin, T usual) {
        Form form = forms.get(plugin);
        @SuppressWarnings("unchecked") // the form of a plugin was read as it
        T known = (T) form;
        return known == null ? usual : known;
    }
}
