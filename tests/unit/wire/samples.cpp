#include "unit/wire/samples.hpp"

#include <variant>

namespace conclave::test {
namespace {

// All arms of a variant, filled; `names` has one for each.
template <class Variant>
std::vector<Sample<Variant>> arms(const std::vector<std::string>& names, std::uint64_t seed) {
  std::vector<Sample<Variant>> samples(std::variant_size_v<Variant>);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].name = names.at(i);
    Filler(Prng(seed).fork(i)).arm(samples[i].value, i);
  }
  return samples;
}

}  // namespace

std::vector<Sample<engine::Message>> messages(std::uint64_t seed) {
  auto samples = arms<engine::Message>(
      {"hello",   "refusal",      "goodbye",   "lockIn",    "lockedIn",      "commit",      "paxos",
       "forward", "forwardReply", "renew",     "renewAck",  "endFormer",     "readIndex",   "readIndexReply",
       "attach",  "imageRequest", "imagePart", "freshness", "statusRequest", "statusReply", "unknown"},
      seed);
  std::erase_if(samples, [](const auto& sample) { return sample.name == "paxos" || sample.name == "unknown"; });
  for (auto& [name, value] : arms<paxos::Message>({"preVote", "preVoteReply", "prepare", "promise", "refused", "accept",
                                                   "accepted", "chosen", "heartbeat", "fetch", "learn", "go"},
                                                  seed))
    samples.push_back({name, engine::Message(value)});
  return samples;
}

std::vector<Sample<engine::Frame>> frames(std::uint64_t seed) {
  std::vector<Sample<engine::Frame>> samples;
  for (auto& [name, value] : messages(seed)) {
    Sample<engine::Frame> sample{name, {}};
    Filler(Prng(seed)).value(sample.value.header);
    sample.value.messages.push_back(std::move(value));
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<Sample<engine::Datagram>> datagrams(std::uint64_t seed) {
  std::vector<Sample<engine::Datagram>> samples;
  for (auto& [name, body] :
       arms<gossip::Body>({"ping", "pingRequest", "ack", "nack", "join", "joinReply", "tell"}, seed)) {
    Sample<engine::Datagram> sample{name, {}};
    Filler(Prng(seed)).value(sample.value);
    sample.value.message.body = std::move(body);
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<Sample<engine::Record>> records(std::uint64_t seed) {
  return arms<engine::Record>(
      {"identity", "generation", "genesis", "promise", "accepted", "watermark", "peer", "voteLost", "session"}, seed);
}

}  // namespace conclave::test
