// Sessions, reads, observers and the status <-> their fields. Private to src/wire.
#pragma once

#include "engine/message.hpp"
#include "wire/fields.hpp"

namespace conclave::schema {

void put(Forward::Builder out, const engine::Forward& value);
[[nodiscard]] engine::Forward take(Forward::Reader in);

void put(ForwardReply::Builder out, const engine::ForwardReply& value);
[[nodiscard]] engine::ForwardReply take(ForwardReply::Reader in);

void put(Renew::Builder out, const engine::Renew& value);
[[nodiscard]] engine::Renew take(Renew::Reader in);

void put(RenewAck::Builder out, const engine::RenewAck& value);
[[nodiscard]] engine::RenewAck take(RenewAck::Reader in);

void put(EndFormer::Builder out, const engine::EndFormer& value);
[[nodiscard]] engine::EndFormer take(EndFormer::Reader in);

void put(ReadIndex::Builder out, const engine::ReadIndex& value);
[[nodiscard]] engine::ReadIndex take(ReadIndex::Reader in);

void put(ReadIndexReply::Builder out, const engine::ReadIndexReply& value);
[[nodiscard]] engine::ReadIndexReply take(ReadIndexReply::Reader in);

void put(Attach::Builder out, const engine::Attach& value);
[[nodiscard]] engine::Attach take(Attach::Reader in);

void put(ImageRequest::Builder out, const engine::ImageRequest& value);
[[nodiscard]] engine::ImageRequest take(ImageRequest::Reader in);

void put(ImagePart::Builder out, const engine::ImagePart& value);
[[nodiscard]] engine::ImagePart take(ImagePart::Reader in);

void put(Freshness::Builder out, const engine::Freshness& value);
[[nodiscard]] engine::Freshness take(Freshness::Reader in);

void put(StatusRequest::Builder out, const engine::StatusRequest& value);
[[nodiscard]] engine::StatusRequest take(StatusRequest::Reader in);

void put(StatusReply::Builder out, const engine::StatusReply& value);
[[nodiscard]] engine::StatusReply take(StatusReply::Reader in);

}  // namespace conclave::schema
