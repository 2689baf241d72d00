package io.keelson.apiserver.features;

import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --runtime-config} says: which versions of which groups, and which resources in them, are served. What is
 * narrower wins: a resource over its version, a version over {@code api/beta} and the like, those over {@code api/all}.
 */
public final class RuntimeConfig {
    /** Everything is served. */
    public static final RuntimeConfig NONE = new RuntimeConfig(Map.of());

    private static final String ALL = "api/all";

    /** Versions by how stable they are; the wider first. */
    private static final Map<String, Predicate<String>> STAGES = stages();

    /**
     * Versions that Kubernetes 1.36 has and does not serve unless it is told to, and that this server has not, or of which it
     * has a part only.
     */
    private static final Set<GroupVersion> MISSING = Set.of(
            new GroupVersion("admissionregistration.k8s.io", "v1alpha1"),
            new GroupVersion("admissionregistration.k8s.io", "v1beta1"),
            new GroupVersion("certificates.k8s.io", "v1alpha1"),
            new GroupVersion("coordination.k8s.io", "v1alpha2"),
            new GroupVersion("coordination.k8s.io", "v1beta1"),
            new GroupVersion("internal.apiserver.k8s.io", "v1alpha1"),
            new GroupVersion("networking.k8s.io", "v1beta1"),
            new GroupVersion("resource.k8s.io", "v1alpha3"),
            new GroupVersion("resource.k8s.io", "v1beta1"),
            new GroupVersion("resource.k8s.io", "v1beta2"),
            new GroupVersion("storage.k8s.io", "v1beta1"));

    private static final int KEY_PARTS_MAX = 3;

    private final Map<String, String> entries;

    private RuntimeConfig(Map<String, String> entries) {
        this.entries = entries;
    }

    private static Map<String, Predicate<String>> stages() {
        Map<String, Predicate<String>> stages = new LinkedHashMap<>();
        stages.put(ALL, _ -> true);
        stages.put("api/ga", Pattern.compile("v\\d+").asMatchPredicate());
        stages.put("api/beta", Pattern.compile("v\\d+beta\\d+").asMatchPredicate());
        stages.put("api/alpha", Pattern.compile("v\\d+alpha\\d+").asMatchPredicate());
        return stages;
    }

    /**
     * Reads what the flag says.
     *
     * @param pairs {@code apps/v1=false}, {@code batch/v1/cronjobs=false}, {@code v1/events=false}, {@code api/beta=false};
     *     without a value it is true
     * @throws IllegalArgumentException naming a key that is none
     */
    public static RuntimeConfig of(List<String> pairs) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (String pair : pairs) {
            if (!pair.isBlank()) {
                int equals = pair.indexOf('=');
                String key =
                        equals < 0 ? pair.strip() : pair.substring(0, equals).strip();
                entries.put(key, equals < 0 ? "" : pair.substring(equals + 1).strip());
            }
        }
        if (entries.size() == 1 && "false".equals(entries.get(ALL))) {
            throw refused("invalid key with only api/all=false");
        }
        entries.keySet().forEach(RuntimeConfig::requireKey);
        return entries.isEmpty() ? NONE : new RuntimeConfig(entries);
    }

    private static void requireKey(String key) {
        if (!STAGES.containsKey(key)) {
            var _ = Key.parse(key);
        }
    }

    /** A version, or a resource in it. */
    private record Key(
            String text, GroupVersion version, @Nullable String resource) {
        static Key parse(String text) {
            String[] parts = text.split("/", -1);
            boolean core = parts[0].matches("v\\d\\w*");
            int before = core ? 0 : 1;
            if (parts.length <= before || parts.length > before + 2 || parts.length > KEY_PARTS_MAX) {
                throw refused("runtime-config invalid key " + text);
            }
            String resource = parts.length > before + 1 ? parts[before + 1] : null;
            if (resource != null && !resource.toLowerCase(Locale.ROOT).equals(resource)) {
                throw refused("invalid key " + text
                        + ": group/version/resource and resource is always lowercase plural, not \"" + resource
                        + "\"");
            }
            return new Key(text, new GroupVersion(core ? "" : parts[0], parts[before]), resource);
        }
    }

    private static IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("--runtime-config: " + why);
    }

    /**
     * What is served then.
     *
     * @param builtIn everything that there is
     * @throws IllegalArgumentException naming what there is not
     */
    public ServedVersions over(Collection<Resource> builtIn) {
        return over(builtIn, List.of());
    }

    /**
     * What is served then.
     *
     * @param builtIn what is served by default
     * @param onDemand what is served only if it is asked for
     * @throws IllegalArgumentException naming what there is not
     */
    public ServedVersions over(Collection<Resource> builtIn, Collection<Resource> onDemand) {
        if (entries.isEmpty()) {
            return onDemand.isEmpty() ? ServedVersions.ALL : ServedVersions.of(onDemand, (_, _) -> false);
        }
        List<Resource> all = new ArrayList<>(builtIn);
        all.addAll(onDemand);
        Set<GroupVersion> usual = builtIn.stream()
                .flatMap(resource -> resource.versions().stream()
                        .map(version -> new GroupVersion(resource.name().group(), version.version())))
                .collect(Collectors.toSet());
        Map<GroupVersion, Set<String>> there = new HashMap<>();
        for (Resource resource : all) {
            for (ServedVersion version : resource.versions()) {
                there.computeIfAbsent(
                                new GroupVersion(resource.name().group(), version.version()), _ -> new HashSet<>())
                        .add(resource.name().resource());
            }
        }
        Map<GroupVersion, Boolean> versions = new HashMap<>();
        stages(there.keySet(), versions);
        Map<GroupVersion, Map<String, Boolean>> resources = new HashMap<>();
        List<Key> keys = keys(there);
        for (Key key : keys) {
            String resource = key.resource();
            boolean on = value(key.text());
            if (resource == null) {
                versions.put(key.version(), on);
            } else {
                resources.computeIfAbsent(key.version(), _ -> new HashMap<>()).put(resource, on);
            }
        }
        return ServedVersions.of(all, (version, resource) -> {
            Boolean stated = resources.getOrDefault(version, Map.of()).get(resource);
            return stated != null ? stated : versions.getOrDefault(version, usual.contains(version));
        });
    }

    private void stages(Set<GroupVersion> there, Map<GroupVersion, Boolean> versions) {
        STAGES.forEach((stage, of) -> {
            String value = entries.get(stage);
            if (value == null) {
                return;
            }
            if (!value.equals("true") && !value.equals("false")) {
                throw refused("invalid value " + stage + "=" + value);
            }
            boolean on = value.equals("true");
            there.stream().filter(version -> of.test(version.version())).forEach(version -> versions.put(version, on));
            TreeSet<String> lacking = new TreeSet<>();
            for (GroupVersion missing : MISSING) {
                if (of.test(missing.version()) && !switchedOff(missing)) {
                    lacking.add(missing.toString());
                }
            }
            if (on && !lacking.isEmpty()) {
                throw refused(stage + "=true: this server does not have " + String.join(", ", lacking));
            }
        });
    }

    /** Whether it is said of this very version that it is not to be served. */
    private boolean switchedOff(GroupVersion version) {
        String value = entries.get(version.toString());
        return value != null && Boolean.FALSE.equals(GoBoolean.parse(value));
    }

    /** The keys that are about one version each, of which all are known. */
    private List<Key> keys(Map<GroupVersion, Set<String>> there) {
        List<Key> keys = new ArrayList<>();
        TreeSet<String> unknownGroups = new TreeSet<>();
        for (String text : entries.keySet()) {
            if (STAGES.containsKey(text)) {
                continue;
            }
            Key key = Key.parse(text);
            Set<String> resources = there.get(key.version());
            boolean inPart = MISSING.contains(key.version()) && key.resource() == null && value(text);
            if (resources != null && !inPart) {
                if (key.resource() != null && !resources.contains(key.resource())) {
                    throw refused("resource " + text + " that has not been registered");
                }
                keys.add(key);
            } else if (MISSING.contains(key.version())) {
                if (value(text)) {
                    throw refused(text + "=true: this server does not have " + key.version());
                }
            } else if (there.keySet().stream().anyMatch(known -> sameGroup(known, key))
                    || MISSING.stream().anyMatch(known -> sameGroup(known, key))) {
                throw refused("group version " + key.version() + " that has not been registered");
            } else {
                unknownGroups.add(key.version().group());
            }
        }
        if (!unknownGroups.isEmpty()) {
            throw refused("unknown api groups " + String.join(",", unknownGroups));
        }
        return keys;
    }

    private static boolean sameGroup(GroupVersion known, Key key) {
        return known.group().equals(key.version().group());
    }

    private boolean value(String key) {
        String text = entries.getOrDefault(key, "");
        if (text.isEmpty()) {
            return true;
        }
        Boolean value = GoBoolean.parse(text);
        if (value == null) {
            throw refused("invalid value of " + key + ": " + text + ", err: " + GoBoolean.error(text));
        }
        return value;
    }
}
