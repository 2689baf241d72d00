package io.keelson.apiserver.resource;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A kind of object that is served: where it is found, what it looks like, and what is special about it. Built-in and
 * custom kinds are the same from here on. Immutable; a custom kind that changes is replaced by another resource.
 *
 * <p>Objects are stored, and worked on, in one of the versions ({@link #storageVersion}), under {@code
 * /registry/<storagePath>/[namespace/]name}.
 */
public final class Resource {
    private final GroupResource name;
    private final GroupKind kind;
    private final String singular;
    private final Scope scope;
    private final List<String> shortNames;
    private final List<String> categories;
    private final Set<Verb> verbs;
    private final Map<String, ServedVersion> versions;
    private final String storageVersion;
    private final GroupVersion storedAs;
    private final String storagePath;
    private final Map<String, Subresource> subresources;
    private final Strategy strategy;
    private final Conversion conversion;
    private final boolean custom;
    private final @Nullable ScalePaths scale;

    private Resource(Builder builder) {
        name = builder.name;
        kind = builder.kind;
        singular = builder.singular;
        scope = builder.scope;
        shortNames = List.copyOf(builder.shortNames);
        categories = List.copyOf(builder.categories);
        verbs = Set.copyOf(builder.verbs);
        versions = new LinkedHashMap<>(builder.versions);
        if (versions.isEmpty()) {
            throw new IllegalStateException(name + " is served in no version");
        }
        String storage = builder.storageVersion;
        storageVersion = storage == null ? versions.keySet().iterator().next() : storage;
        GroupVersion stored = builder.storedAs;
        storedAs = stored == null ? new GroupVersion(name.group(), storageVersion) : stored;
        storagePath = builder.storagePath;
        subresources = new LinkedHashMap<>(builder.subresources);
        strategy = builder.strategy;
        conversion = builder.conversion;
        custom = builder.custom;
        scale = builder.scale;
    }

    /** The resource's name in paths, with its group. */
    public GroupResource name() {
        return name;
    }

    public GroupKind kind() {
        return kind;
    }

    public String listKind() {
        return kind.kind() + "List";
    }

    public String singular() {
        return singular;
    }

    public Scope scope() {
        return scope;
    }

    public boolean namespaced() {
        return scope == Scope.NAMESPACED;
    }

    public List<String> shortNames() {
        return shortNames;
    }

    public List<String> categories() {
        return categories;
    }

    public Set<Verb> verbs() {
        return verbs;
    }

    /** The versions in which it is served, the preferred one first. */
    public List<ServedVersion> versions() {
        return List.copyOf(versions.values());
    }

    /** A version; null if it is not served in it. */
    public @Nullable ServedVersion version(String version) {
        return versions.get(version);
    }

    /** The version in which objects are worked on and stored. It need not be served. */
    public String storageVersion() {
        return storageVersion;
    }

    /** What stands in stored objects as {@code apiVersion}; another group's for kinds that live in two groups. */
    public GroupVersion storedAs() {
        return storedAs;
    }

    /** The part of keys between {@code /registry/} and the namespace or name, {@code services/specs} for example. */
    public String storagePath() {
        return storagePath;
    }

    public Map<String, Subresource> subresources() {
        return Map.copyOf(subresources);
    }

    public @Nullable Subresource subresource(String subresource) {
        return subresources.get(subresource);
    }

    public Strategy strategy() {
        return strategy;
    }

    public Conversion conversion() {
        return conversion;
    }

    /** Whether it comes from a CustomResourceDefinition. */
    public boolean custom() {
        return custom;
    }

    /** Where a custom kind has what its scale is made of; null if it has none, or is built in. */
    public @Nullable ScalePaths scale() {
        return scale;
    }

    @Override
    public String toString() {
        return name.toString();
    }

    /** Begins a resource with all verbs. */
    public static Builder named(String group, String resource, String kind) {
        return new Builder(new GroupResource(group, resource), new GroupKind(group, kind));
    }

    /** Puts a resource together; the first version added is the preferred one. */
    public static final class Builder {
        private final GroupResource name;
        private final GroupKind kind;
        private final Map<String, ServedVersion> versions = new LinkedHashMap<>();
        private final Map<String, Subresource> subresources = new LinkedHashMap<>();
        private String singular;
        private Scope scope = Scope.NAMESPACED;
        private List<String> shortNames = List.of();
        private List<String> categories = List.of();
        private Set<Verb> verbs = EnumSet.allOf(Verb.class);
        private @Nullable String storageVersion;
        private @Nullable GroupVersion storedAs;
        private String storagePath;
        private Strategy strategy = Strategy.PLAIN;
        private Conversion conversion = Conversion.BY_NAME;
        private boolean custom;
        private @Nullable ScalePaths scale;

        private Builder(GroupResource name, GroupKind kind) {
            this.name = name;
            this.kind = kind;
            this.singular = kind.kind().toLowerCase(Locale.ROOT);
            this.storagePath = name.resource();
        }

        public Builder singular(String text) {
            singular = text;
            return this;
        }

        public Builder clusterScoped() {
            scope = Scope.CLUSTER;
            return this;
        }

        public Builder shortNames(String... names) {
            shortNames = List.of(names);
            return this;
        }

        public Builder categories(String... names) {
            categories = List.of(names);
            return this;
        }

        public Builder verbs(Verb first, Verb... more) {
            verbs = EnumSet.of(first, more);
            return this;
        }

        public Builder version(ServedVersion version) {
            versions.put(version.version(), version);
            return this;
        }

        /** The version to store in, if it is not the preferred one. */
        public Builder storageVersion(String version) {
            storageVersion = version;
            return this;
        }

        public Builder storedAs(GroupVersion groupVersion) {
            storedAs = groupVersion;
            return this;
        }

        public Builder storagePath(String path) {
            storagePath = path;
            return this;
        }

        public Builder subresource(Subresource subresource) {
            subresources.put(subresource.name(), subresource);
            return this;
        }

        public Builder strategy(Strategy special) {
            strategy = special;
            return this;
        }

        public Builder conversion(Conversion between) {
            conversion = between;
            return this;
        }

        public Builder custom() {
            custom = true;
            return this;
        }

        /** Where the scale of a custom kind is; the subresource itself has to be added, too. */
        public Builder scale(ScalePaths paths) {
            scale = paths;
            return this;
        }

        public Resource build() {
            return new Resource(this);
        }
    }
}
