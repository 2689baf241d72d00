package io.keelson.apiserver.crd;

import io.keelson.apiserver.cel.rules.RuleMetrics;
import io.keelson.apiserver.discovery.VersionPriority;
import io.keelson.apiserver.resource.Conversion;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ScalePaths;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes resources of definitions, on one thread. */
final class CustomKinds {
    private static final Set<Verb> PART_VERBS = Set.of(Verb.GET, Verb.UPDATE, Verb.PATCH);

    private final Function<Definition, Conversion> webhooks;
    private final RuleMetrics ruleMetrics;
    /** How often resources have been made. */
    private long generation;

    /** @param webhooks makes conversions by webhook */
    CustomKinds(Function<Definition, Conversion> webhooks, RuleMetrics ruleMetrics) {
        this.webhooks = webhooks;
        this.ruleMetrics = ruleMetrics;
    }

    /**
     * What a definition defines.
     *
     * @param served through its preferred version; null if it is served in none
     * @param stored through the version it is stored in, served or not: for the server itself
     */
    record Made(@Nullable Resource served, Resource stored) {}

    /**
     * Makes the resources of a definition.
     *
     * @param names what was accepted
     * @param terminating whether the definition is being deleted: no new objects, then
     */
    Made make(Definition definition, DefinedNames names, boolean terminating) {
        Map<String, Schema> schemas = new HashMap<>();
        for (DefinedVersion version : definition.versions()) {
            schemas.put(version.name(), StructuralSchema.read(version.schema()));
        }
        Conversion way = definition.conversion().path("strategy").asText("").equals("Webhook")
                ? webhooks.apply(definition)
                : Conversion.BY_NAME;
        Conversion conversion = new CustomConversion(way, Map.copyOf(schemas));
        Map<String, ServedVersion> served = new LinkedHashMap<>();
        definition.versions().stream()
                .filter(DefinedVersion::served)
                .sorted(Comparator.comparing(DefinedVersion::name, VersionPriority.FIRST_IS_PREFERRED))
                .forEach(version -> served.put(version.name(), served(definition, names, version, schemas)));
        DefinedVersion storage = definition.stored();
        generation++;
        Map<String, Resource> views = new HashMap<>();
        for (DefinedVersion version : definition.versions()) {
            if (!version.served() && !version.storage()) {
                continue;
            }
            Resource.Builder builder = Resource.named(definition.group(), names.plural(), names.kind())
                    .custom(generation)
                    .storagePath(definition.group() + "/" + names.plural())
                    .storageVersion(storage.name())
                    .workedOnIn(version.name())
                    .shortNames(names.shortNames().toArray(String[]::new))
                    .categories(names.categories().toArray(String[]::new))
                    .strategy(new CustomStrategy(version, schemas, ruleMetrics))
                    .conversion(conversion)
                    .published(PublishedSchema.of(definition, names, version))
                    .views(views);
            if (!names.singular().isEmpty()) {
                builder.singular(names.singular());
            }
            if (!names.listKind().isEmpty()) {
                builder.listKind(names.listKind());
            }
            if (!definition.namespaced()) {
                builder.clusterScoped();
            }
            if (terminating) {
                // Objects have to change to lose what holds them, though clients are not told that they can.
                builder.verbs(
                                Verb.GET,
                                Verb.LIST,
                                Verb.WATCH,
                                Verb.UPDATE,
                                Verb.PATCH,
                                Verb.DELETE,
                                Verb.DELETECOLLECTION)
                        .shownVerbs(Verb.GET, Verb.LIST, Verb.WATCH, Verb.DELETE, Verb.DELETECOLLECTION);
            }
            parts(builder, definition, names, version);
            builder.versions(
                    served.isEmpty() ? Map.of(version.name(), served(definition, names, version, schemas)) : served);
            views.put(version.name(), builder.build());
        }
        Resource stored = views.get(storage.name());
        if (stored == null) {
            throw new IllegalStateException("a definition has a version that is stored");
        }
        return new Made(
                served.isEmpty() ? null : views.get(served.keySet().iterator().next()), stored);
    }

    private static void parts(
            Resource.Builder builder, Definition definition, DefinedNames names, DefinedVersion version) {
        if (version.status()) {
            builder.subresource(new Subresource(
                    Subresource.STATUS,
                    new GroupVersionKind(definition.group(), version.name(), names.kind()),
                    PART_VERBS));
        }
        ScalePaths scale = version.scale();
        if (scale != null) {
            builder.subresource(new Subresource(
                            Subresource.SCALE, new GroupVersionKind("autoscaling", "v1", "Scale"), PART_VERBS))
                    .scale(scale);
        }
    }

    private static ServedVersion served(
            Definition definition, DefinedNames names, DefinedVersion version, Map<String, Schema> schemas) {
        return new ServedVersion(
                version.name(),
                schemas.getOrDefault(version.name(), Schema.ANYTHING),
                deprecation(definition, names, version),
                PrinterColumns.of(version.columns()));
    }

    /** What clients of a deprecated version are told; null if it is not deprecated. */
    private static @Nullable String deprecation(Definition definition, DefinedNames names, DefinedVersion version) {
        if (!version.deprecated()) {
            return null;
        }
        if (!version.deprecationWarning().isEmpty()) {
            return version.deprecationWarning();
        }
        String itself = definition.group() + "/" + version.name() + " " + names.kind() + " is deprecated";
        return definition.versions().stream()
                .filter(other -> other.served() && !other.deprecated())
                .map(DefinedVersion::name)
                .filter(other -> VersionPriority.FIRST_IS_PREFERRED.compare(other, version.name()) < 0)
                .min(VersionPriority.FIRST_IS_PREFERRED)
                .map(better -> itself + "; use " + definition.group() + "/" + better + " " + names.kind())
                .orElse(itself);
    }
}
