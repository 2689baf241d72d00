package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.ListOptions;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Answers {@code componentstatuses}: asks the parts of the control plane how they are, each time anew. */
final class ComponentStatuses implements ResourceHandler.SubresourceHandler {
    private final List<Component> components;
    private final Answers answers;
    private final Listing listing;

    ComponentStatuses(List<Component> components, Answers answers, Listing listing) {
        this.components = List.copyOf(components);
        this.answers = answers;
        this.listing = listing;
    }

    @Override
    public ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        Verbs.require(request, resource, "get", "list");
        if (request.info().verb().equals("list")) {
            return list(request, resource, version);
        }
        String name = request.info().name();
        Negotiated negotiated = answers.negotiate(request, resource);
        for (Component component : components) {
            if (component.name().equals(name)) {
                ObjectNode status = status(component.name(), component.probe().look());
                return answers.object(request, 200, version, status, negotiated);
            }
        }
        throw ApiException.of(Reason.UNKNOWN, "Component not found: " + name);
    }

    private ApiResponse list(ApiRequest request, Resource resource, ServedVersion version) throws InterruptedException {
        Negotiated negotiated = Listing.negotiate(request, resource);
        Selectors selectors = Selectors.of(request, resource, ListOptions.parse(request.query(), false));
        List<Component> chosen = components.stream()
                .filter(component -> selectors.labels().matches(Map.of())
                        && selectors.fields().matches(field -> field.equals("metadata.name") ? component.name() : ""))
                .toList();
        return listing.objects(request, resource, version, negotiated, Json.object(), statuses(chosen));
    }

    private static List<ObjectNode> statuses(List<Component> chosen) throws InterruptedException {
        List<ObjectNode> statuses = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Component.Health>> looks = chosen.stream()
                    .map(component -> threads.submit(component.probe()::look))
                    .toList();
            for (int i = 0; i < looks.size(); i++) {
                statuses.add(status(chosen.get(i).name(), looks.get(i).get()));
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        return statuses;
    }

    private static ObjectNode status(String name, Component.Health health) {
        ObjectNode status = Json.object().put("kind", "ComponentStatus").put("apiVersion", "v1");
        status.putObject("metadata").put("name", name);
        ObjectNode condition = status.putArray("conditions").addObject();
        condition.put("type", "Healthy").put("status", health.healthy() ? "True" : "False");
        if (!health.message().isEmpty()) {
            condition.put("message", health.message());
        }
        if (!health.error().isEmpty()) {
            condition.put("error", health.error());
        }
        return status;
    }
}
