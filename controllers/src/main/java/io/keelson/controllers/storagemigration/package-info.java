/**
 * {@code storage-version-migrator-controller}: all objects of a kind are written as they are, so that they are stored in the
 * version in which the API server stores that kind today.
 *
 * <p>A wish comes in as the name of a {@code StorageVersionMigration}. First the resource version at which it begins is put
 * into its status: what is newer than that was written since, in today's version. Then {@link
 * io.keelson.controllers.storagemigration.Walk} goes over the objects that are not, a page at a time, some of them each
 * second; where it stands is remembered here only, so after a crash it begins anew, and what was migrated before is newer
 * than the wish and passed over. {@link io.keelson.controllers.storagemigration.MigrationProgress} says in the status how far
 * it is.
 */
@NullMarked
package io.keelson.controllers.storagemigration;

import org.jspecify.annotations.NullMarked;
