/**
 * The provider {@code webhook}: a server of somebody else's answers, over HTTP.
 *
 * <p>{@link io.keelson.cloud.webhook.Contract} has the shapes of what goes over the wire, as the resource {@code
 * openapi.yaml} beside it describes them for those who write such a server; {@link
 * io.keelson.cloud.webhook.WebhookClient} sends, with bounds on time and size; {@link
 * io.keelson.cloud.webhook.WebhookCloud} turns Nodes and Services into the one and answers into what controllers ask
 * for.
 */
@NullMarked
package io.keelson.cloud.webhook;

import org.jspecify.annotations.NullMarked;
