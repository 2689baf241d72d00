package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.pod.ResourceDefaults;
import io.keelson.apiserver.kinds.pod.ResourceNames;
import io.keelson.apiserver.kinds.pod.ResourceRules;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Limit ranges: how large containers, pods and claims of a namespace may be, and are if they do not say. */
public final class LimitRangeStrategy implements Strategy {
    private static final List<String> LISTS =
            List.of("max", "min", "default", "defaultRequest", "maxLimitRequestRatio");

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean createsOnUpdate() {
        return true;
    }

    /** One that has no name gets one that nothing else has. */
    @Override
    public void prepareForCreate(WriteContext context, ObjectNode range) {
        if (ObjectMeta.name(range).isEmpty()) {
            ObjectMeta.setName(range, UUID.randomUUID().toString());
        }
    }

    @Override
    public void applyDefaults(ObjectNode range) {
        for (ObjectNode limit : Fill.objects(range.path("spec").path("limits"))) {
            LISTS.forEach(list -> ResourceDefaults.canonical(limit.path(list)));
            if (limit.path("type").asText().equals("Container")) {
                ObjectNode byDefault = Fill.object(limit, "default");
                ObjectNode requested = Fill.object(limit, "defaultRequest");
                copyMissing(limit.path("max"), byDefault);
                copyMissing(byDefault, requested);
                copyMissing(limit.path("min"), requested);
                if (byDefault.isEmpty()) {
                    limit.remove("default");
                }
                if (requested.isEmpty()) {
                    limit.remove("defaultRequest");
                }
            }
        }
    }

    private static void copyMissing(JsonNode from, ObjectNode to) {
        from.properties().forEach(entry -> {
            if (!to.has(entry.getKey())) {
                to.set(entry.getKey(), entry.getValue());
            }
        });
    }

    @Override
    public void validate(ObjectNode range, FieldErrors errors) {
        Set<String> types = new HashSet<>();
        for (Place limit : Place.of(range, errors).at("spec", "limits").items()) {
            Place type = limit.at("type");
            List<String> wrong = Names.qualifiedName(type.text());
            wrong.forEach(type::invalid);
            if (wrong.isEmpty()
                    && type.text().indexOf('/') < 0
                    && !List.of("Pod", "Container", "PersistentVolumeClaim").contains(type.text())) {
                type.invalid("must be a standard limit type or fully qualified");
            }
            if (!types.add(type.text())) {
                type.duplicate();
            }
            limit(limit, type);
        }
    }

    private static void limit(Place limit, Place type) {
        boolean pod = type.is("Pod");
        Set<String> names = new TreeSet<>();
        for (String list : LISTS) {
            boolean byDefault = list.startsWith("default");
            if (pod && byDefault) {
                if (limit.at(list).size() > 0) {
                    limit.at(list).forbidden("may not be specified when `type` is 'Pod'");
                }
                continue;
            }
            for (Place entry : limit.at(list).entries()) {
                ResourceRules.limitName(entry, pod || type.is("Container"));
                names.add(entry.key());
            }
        }
        if (type.is("PersistentVolumeClaim")
                && limit.at("min", "storage").absent()
                && limit.at("max", "storage").absent()) {
            limit.at("limits")
                    .required("either minimum or maximum storage value is required, but neither was provided");
        }
        names.forEach(name -> new Limit(limit, name).check());
    }

    /** What is said of one resource; what is not said, or cannot be read, is null. */
    private static final class Limit {
        private final Place limit;
        private final String name;
        private final @Nullable Quantity max;
        private final @Nullable Quantity min;
        private final @Nullable Quantity byDefault;
        private final @Nullable Quantity request;
        private final @Nullable Quantity ratio;

        Limit(Place limit, String name) {
            this.limit = limit;
            this.name = name;
            max = read("max");
            min = read("min");
            byDefault = read("default");
            request = read("defaultRequest");
            ratio = read("maxLimitRequestRatio");
        }

        private @Nullable Quantity read(String list) {
            Place entry = limit.at(list, name);
            try {
                return entry.absent() ? null : Quantity.of(entry.value());
            } catch (MalformedException e) {
                return null;
            }
        }

        void check() {
            ordered(min, max, "min", min, "min value %s is greater than max value %s");
            ordered(min, request, "defaultRequest", request, "min value %s is greater than default request value %s");
            ordered(request, max, "defaultRequest", request, "default request value %s is greater than max value %s");
            ordered(
                    request,
                    byDefault,
                    "defaultRequest",
                    request,
                    "default request value %s is greater than default limit value %s");
            ordered(min, byDefault, "default", min, "min value %s is greater than default value %s");
            ordered(byDefault, max, "default", max, "default value %s is greater than max value %s");
            if (ratio != null) {
                ratio(ratio);
            }
            if (!ResourceNames.mayBeOvercommitted(name)
                    && byDefault != null
                    && request != null
                    && byDefault.compareTo(request) != 0) {
                invalid(
                        "defaultRequest",
                        request,
                        "default value " + byDefault + " must equal to defaultRequest value " + request + " in "
                                + name);
            }
        }

        private void ratio(Quantity most) {
            if (most.compareTo(Quantity.parse("1")) < 0) {
                invalid("maxLimitRequestRatio", most, "ratio " + most + " is less than 1");
            }
            if (min != null && max != null && !min.isZero()) {
                double possible = max.decimal().doubleValue() / min.decimal().doubleValue();
                if (most.decimal().doubleValue() > possible) {
                    invalid(
                            "maxLimitRequestRatio",
                            most,
                            String.format(Locale.ROOT, "ratio %s is greater than max/min = %f", most, possible));
                }
            }
        }

        private void ordered(
                @Nullable Quantity less, @Nullable Quantity more, String list, @Nullable Quantity shown, String wrong) {
            if (less != null && more != null && shown != null && less.compareTo(more) > 0) {
                invalid(list, shown, wrong.replaceFirst("%s", less.toString()).replaceFirst("%s", more.toString()));
            }
        }

        private void invalid(String list, Quantity shown, String wrong) {
            limit.errors().invalid(limit.at(list).path().key(name), shown.toString(), wrong);
        }
    }
}
