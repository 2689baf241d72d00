/**
 * Counts what namespaces use of what their quotas limit.
 *
 * <p>What is created is added to {@code status.used} by the API server itself; what it cannot see is what becomes free.
 * So when an object is gone, or uses less than before, {@link
 * io.keelson.controllers.resourcequota.ResourceQuotaController} counts anew what the quotas of its namespace are about,
 * and counts everything anew every five minutes.
 *
 * <p>What objects of a kind use, and which scopes they are in, says a {@link
 * io.keelson.controllers.resourcequota.Measure} for pods, services, volume claims and device claims. Of all other kinds
 * only the number counts: {@link io.keelson.controllers.resourcequota.ObjectCounts} follows those that some quota
 * names, by their metadata. {@link io.keelson.controllers.objects.Amount} adds up without loss and writes as the
 * original does.
 */
@NullMarked
package io.keelson.controllers.resourcequota;

import org.jspecify.annotations.NullMarked;
