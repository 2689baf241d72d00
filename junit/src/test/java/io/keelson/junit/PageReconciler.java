package io.keelson.junit;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps a ConfigMap with the text of each page, and puts it back when somebody takes it away. */
@ControllerConfiguration
public class PageReconciler implements Reconciler<Page>, Cleaner<Page> {
    final AtomicInteger cleaned = new AtomicInteger();

    @Override
    public List<EventSource<?, Page>> prepareEventSources(EventSourceContext<Page> context) {
        return List.of(new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ConfigMap.class, Page.class)
                        .withLabelSelector("made-by=pages")
                        .build(),
                context));
    }

    @Override
    public UpdateControl<Page> reconcile(Page page, Context<Page> context) {
        String text = String.valueOf(page.getSpec().text) + " (" + page.getSpec().language + ")";
        ConfigMap wanted = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(page.getMetadata().getName())
                .withNamespace(page.getMetadata().getNamespace())
                .addToLabels("made-by", "pages")
                .addNewOwnerReference()
                .withApiVersion(page.getApiVersion())
                .withKind(page.getKind())
                .withName(page.getMetadata().getName())
                .withUid(page.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .withData(Map.of("text", text))
                .build();
        var _ = context.getClient().resource(wanted).serverSideApply();
        Page.Status status = new Page.Status();
        status.letters = String.valueOf(page.getSpec().text).length();
        status.observedGeneration = page.getMetadata().getGeneration();
        page.setStatus(status);
        return UpdateControl.patchStatus(page);
    }

    @Override
    public DeleteControl cleanup(Page page, Context<Page> context) {
        cleaned.incrementAndGet();
        return DeleteControl.defaultDelete();
    }
}
