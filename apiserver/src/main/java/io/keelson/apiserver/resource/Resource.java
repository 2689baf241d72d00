package io.keelson.apiserver.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A kind of object that is served: where it is found, what it looks like, and what is special about it. Built-in and
 * custom kinds are the same from here on. Immutable; a custom kind that changes is replaced by another resource.
 *
 * <p>Objects are stored in one of the versions ({@link #storageVersion}), under {@code
 * /registry/<storagePath>/[namespace/]name}. Objects of built-in kinds are worked on in that version, too. The versions of
 * a custom kind each have a schema, subresources and rules of their own, and its objects are worked on in the version that
 * a client speaks: there is a resource {@link #through} each version.
 */
public final class Resource {
    private final GroupResource name;
    private final GroupKind kind;
    private final String listKind;
    private final String singular;
    private final Scope scope;
    private final List<String> shortNames;
    private final List<String> categories;
    private final Set<Verb> verbs;
    private final Set<Verb> shownVerbs;
    private final Map<String, ServedVersion> versions;
    private final String storageVersion;
    private final String workedOnIn;
    private final GroupVersion storedAs;
    private final String storagePath;
    private final Map<String, Subresource> subresources;
    private final Strategy strategy;
    private final Conversion conversion;
    private final boolean custom;
    private final long generation;
    private final @Nullable ScalePaths scale;
    private final @Nullable ObjectNode published;
    private final Map<String, Resource> views;

    private Resource(Builder builder) {
        name = builder.name;
        kind = builder.kind;
        listKind = builder.listKind;
        singular = builder.singular;
        scope = builder.scope;
        shortNames = List.copyOf(builder.shortNames);
        categories = List.copyOf(builder.categories);
        verbs = Set.copyOf(builder.verbs);
        Set<Verb> shown = builder.shownVerbs;
        shownVerbs = shown == null ? verbs : Set.copyOf(shown);
        Map<String, ServedVersion> shared = builder.sharedVersions;
        versions = shared == null ? new LinkedHashMap<>(builder.versions) : Collections.unmodifiableMap(shared);
        if (versions.isEmpty()) {
            throw new IllegalStateException(name + " is served in no version");
        }
        String storage = builder.storageVersion;
        storageVersion = storage == null ? versions.keySet().iterator().next() : storage;
        GroupVersion stored = builder.storedAs;
        String working = builder.workedOnIn;
        workedOnIn = working == null ? storageVersion : working;
        storedAs = stored == null ? new GroupVersion(name.group(), storageVersion) : stored;
        storagePath = builder.storagePath;
        subresources = new LinkedHashMap<>(builder.subresources);
        strategy = builder.strategy;
        conversion = builder.conversion;
        custom = builder.custom;
        generation = builder.generation;
        scale = builder.scale;
        published = builder.published;
        views = Collections.unmodifiableMap(builder.views);
    }

    private Resource(Resource whole, Map<String, ServedVersion> left) {
        name = whole.name;
        kind = whole.kind;
        listKind = whole.listKind;
        singular = whole.singular;
        scope = whole.scope;
        shortNames = whole.shortNames;
        categories = whole.categories;
        verbs = whole.verbs;
        shownVerbs = whole.shownVerbs;
        versions = left;
        storageVersion = whole.storageVersion;
        workedOnIn = whole.workedOnIn;
        storedAs = whole.storedAs;
        storagePath = whole.storagePath;
        subresources = whole.subresources;
        strategy = whole.strategy;
        conversion = whole.conversion;
        custom = whole.custom;
        generation = whole.generation;
        scale = whole.scale;
        published = whole.published;
        views = whole.views;
    }

    /** The same, served in some of its versions only; null if in none of them. */
    public @Nullable Resource servedIn(Predicate<String> wanted) {
        Map<String, ServedVersion> left = new LinkedHashMap<>();
        versions.forEach((version, served) -> {
            if (wanted.test(version)) {
                left.put(version, served);
            }
        });
        if (left.isEmpty()) {
            return null;
        }
        return left.size() == versions.size() ? this : new Resource(this, left);
    }

    /** The resource's name in paths, with its group. */
    public GroupResource name() {
        return name;
    }

    public GroupKind kind() {
        return kind;
    }

    public String listKind() {
        return listKind;
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

    /** The verbs that clients are told of; others may work all the same. */
    public Set<Verb> shownVerbs() {
        return shownVerbs;
    }

    /** The versions in which it is served, the preferred one first. */
    public List<ServedVersion> versions() {
        return List.copyOf(versions.values());
    }

    /** A version; null if it is not served in it. */
    public @Nullable ServedVersion version(String version) {
        return versions.get(version);
    }

    /** The version in which objects are stored. It need not be served. */
    public String storageVersion() {
        return storageVersion;
    }

    /** The version in which objects are worked on: the one that is stored, but for custom kinds. */
    public String workedOnIn() {
        return workedOnIn;
    }

    /** What stands in objects as {@code apiVersion} while they are worked on. */
    public GroupVersion workedOnAs() {
        return custom ? new GroupVersion(name.group(), workedOnIn) : storedAs;
    }

    /** The kind for those who speak a version of it: for custom kinds, one that is worked on in that version. */
    public Resource through(String version) {
        Resource view = views.get(version);
        return view == null ? this : view;
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

    /**
     * Counts the resources that this server has made of definitions: of two resources of one custom kind, the one with the
     * larger number is as the kind was defined later. The same through each version; 0 if built in.
     */
    public long generation() {
        return generation;
    }

    /** Where a custom kind has what its scale is made of; null if it has none, or is built in. */
    public @Nullable ScalePaths scale() {
        return scale;
    }

    /** The OpenAPI schema of a custom kind, in the version it is worked on in, with descriptions; null if built in. */
    public @Nullable ObjectNode published() {
        return published;
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
        private @Nullable Map<String, ServedVersion> sharedVersions;
        private String listKind;
        private String singular;
        private Scope scope = Scope.NAMESPACED;
        private List<String> shortNames = List.of();
        private List<String> categories = List.of();
        private Set<Verb> verbs = EnumSet.allOf(Verb.class);
        private @Nullable Set<Verb> shownVerbs;
        private @Nullable String storageVersion;
        private @Nullable String workedOnIn;
        private @Nullable GroupVersion storedAs;
        private String storagePath;
        private Strategy strategy = Strategy.PLAIN;
        private Conversion conversion = Conversion.BY_NAME;
        private boolean custom;
        private long generation;
        private @Nullable ScalePaths scale;
        private @Nullable ObjectNode published;
        private Map<String, Resource> views = Map.of();

        private Builder(GroupResource name, GroupKind kind) {
            this.name = name;
            this.kind = kind;
            this.listKind = kind.kind() + "List";
            this.singular = kind.kind().toLowerCase(Locale.ROOT);
            this.storagePath = name.resource();
        }

        public Builder singular(String text) {
            singular = text;
            return this;
        }

        /** What lists of it are called, if it is not the kind with {@code List} behind it. */
        public Builder listKind(String text) {
            listKind = text;
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

        /** The verbs that clients are told of, if it is not all. */
        public Builder shownVerbs(Verb first, Verb... more) {
            shownVerbs = EnumSet.of(first, more);
            return this;
        }

        public Builder version(ServedVersion version) {
            versions.put(version.version(), version);
            return this;
        }

        /** All versions, the preferred one first, in a map that resources share and nobody changes any more. */
        public Builder versions(Map<String, ServedVersion> shared) {
            sharedVersions = shared;
            return this;
        }

        /** The version to store in, if it is not the preferred one. */
        public Builder storageVersion(String version) {
            storageVersion = version;
            return this;
        }

        /** The version to work on objects of a custom kind in, if it is not the one that is stored. */
        public Builder workedOnIn(String version) {
            workedOnIn = version;
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

        /** @param number larger than that of any resource made of a definition before, but for the same through other versions */
        public Builder custom(long number) {
            custom = true;
            generation = number;
            return this;
        }

        /** Where the scale of a custom kind is; the subresource itself has to be added, too. */
        public Builder scale(ScalePaths paths) {
            scale = paths;
            return this;
        }

        /** The OpenAPI schema of a custom kind, with descriptions. */
        public Builder published(ObjectNode schema) {
            published = schema;
            return this;
        }

        /** The same custom kind through each of its versions. The map is shared, and may be filled in later. */
        public Builder views(Map<String, Resource> byVersion) {
            views = byVersion;
            return this;
        }

        public Resource build() {
            return new Resource(this);
        }
    }
}
