/**
 * Pages that tell people what runs here, and programs that ask for it by its kind: {@code /statusz} and {@code /flagz}.
 * {@link io.keelson.apiserver.zpages.ZPageHandler} agrees with the client on a form, a {@link
 * io.keelson.apiserver.zpages.ZPage} says what there is to say.
 */
@NullMarked
package io.keelson.apiserver.zpages;

import org.jspecify.annotations.NullMarked;
